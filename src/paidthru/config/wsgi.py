"""The WSGI application, for `paidthru serve` and for any WSGI server of one's own."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "paidthru.config.settings")
application = get_wsgi_application()

from paidthru.config import home, instance  # noqa: E402 - tables, once Django is set up

instance.recognize(home.home(), starts=True)
