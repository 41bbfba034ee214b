"""Django's settings. Importing them starts nothing and writes nothing.

What differs from one installation to the next comes from the environment (docs/configuration.md lists it):
PAIDTHRU_HOME, DATABASE_URL, PAIDTHRU_SECRET_KEY, PAIDTHRU_HOSTS, PAIDTHRU_ORIGINS, PAIDTHRU_HTTPS, PAIDTHRU_DEBUG,
PAIDTHRU_OIDC_ISSUER and its neighbours.
"""

import os
from pathlib import Path
from typing import Any

from paidthru.config import database, home


def _listed(name: str, default: str = "") -> list[str]:
    return [part.strip() for part in os.environ.get(name, default).split(",") if part.strip()]


def _on(name: str) -> bool:
    return os.environ.get(name, "").lower() in {"1", "yes", "true", "on"}


DEBUG = _on("PAIDTHRU_DEBUG")
SECRET_KEY = home.secret_key(home.home(), create=False)
ALLOWED_HOSTS = _listed("PAIDTHRU_HOSTS", "localhost,127.0.0.1,[::1]")
CSRF_TRUSTED_ORIGINS = _listed("PAIDTHRU_ORIGINS")

INSTALLED_APPS = [
    "paidthru.organizations",
    "paidthru.timeline",
    "paidthru.people",
    "paidthru.ledger",
    "paidthru.invoicing",
    "paidthru.payments",
    "paidthru.membership",
    "paidthru.assessments",
    "paidthru.visits",
    "paidthru.giving",
    "paidthru.ticketing",
    "paidthru.dunning",
    "paidthru.notices",
    "paidthru.adapters.sandbox",
    "paidthru.faces.console",
    "paidthru.faces.portal",
    "django_htmx",
    "procrastinate.contrib.django",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "paidthru.config.middleware.content_security_policy",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]

ROOT_URLCONF = "paidthru.config.urls"
WSGI_APPLICATION = "paidthru.config.wsgi.application"

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    }
]

DATABASES: dict[str, dict[str, Any]] = {"default": database.django_settings()}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

PROCRASTINATE_IMPORT_PATHS = ["paidthru.faces.worker.jobs"]

AUTH_USER_MODEL = "organizations.User"
LOGIN_URL = "/sign-in/"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = LOGIN_URL
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("de", "Deutsch"), ("fr", "Français"), ("es", "Español")]  # of members' pages
LANGUAGE_COOKIE_NAME = "paidthru_language"
LOCALE_PATHS = [Path(__file__).parents[1] / "faces" / "portal" / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"  # instants; what a person sees is in the organization's zone

STATIC_URL = "/static/"
WHITENOISE_USE_FINDERS = True  # served out of the package: there is no collectstatic step to forget

# A roster of 100,000 members is some 20 MB; beyond a few it goes to a temporary file, not to memory.
MAIL_URL = home.mail_url  # who carries mail; a folder, until a server is named
MAIL_FROM = os.environ.get("PAIDTHRU_MAIL_FROM", "billing@localhost")
PUBLIC_URL = home.public_url()  # in links that members are sent
ADD_SEALING_KEY = home.add_sealing_key
SEALING_KEYS = home.sealing_keys  # what seals a processor's keys in the database
STRIPE_API = os.environ.get("PAIDTHRU_STRIPE_API", "")  # another server than Stripe's, for tests
SETUP_CODE = home.setup_code  # who may make the first organization
OIDC_ISSUER = os.environ.get("PAIDTHRU_OIDC_ISSUER", "").strip()  # where staff may sign in elsewhere
OIDC_CLIENT_ID = os.environ.get("PAIDTHRU_OIDC_CLIENT_ID", "").strip()
OIDC_CLIENT_SECRET = os.environ.get("PAIDTHRU_OIDC_CLIENT_SECRET", "").strip()
OIDC_NAME = (
    os.environ.get("PAIDTHRU_OIDC_NAME", "").strip() or "your organization’s account"
)  # on the sign-in page
UPLOADS = home.uploads  # where files lie between the steps of an import
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
FILE_UPLOAD_HANDLERS = [
    "paidthru.config.uploading.EarlyRefusal",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]
FONTS = home.fonts  # the installation's own fonts, for scripts that come without

SESSION_COOKIE_NAME = "paidthru_session"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 12 * 60 * 60
CSRF_COOKIE_NAME = "paidthru_csrf"
CSRF_COOKIE_SAMESITE = "Lax"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

if _on("PAIDTHRU_HTTPS"):  # behind a proxy that ends TLS and sets X-Forwarded-Proto itself
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_SSL_REDIRECT = True
    SECURE_HSTS_SECONDS = 365 * 24 * 60 * 60
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SESSION_COOKIE_SECURE = True
    CSRF_COOKIE_SECURE = True

LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "plain": {
            "()": "paidthru.config.logs.WithoutDetails",
            "format": "{asctime} {levelname} {name}: {message}",
            "style": "{",
        }
    },
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    # Django's own would mail tracebacks to admins, and print each request of a development server
    "loggers": {
        "django": {"handlers": ["stderr"], "level": "WARNING", "propagate": False},
        "django.request": {"level": "ERROR"},  # a page that is not there is no event
    },
}
