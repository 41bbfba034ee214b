"""The WSGI application, for `paidthru serve` and for any WSGI server of one's own."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "paidthru.config.settings")
application = get_wsgi_application()
