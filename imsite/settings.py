"""The one settings file: every value comes from the environment, with safe defaults built in.

`docs/operations.md` lists the variables. With nothing set it is a development server: SQLite in
WAL mode and the in-memory channel layer under `var/`. Outside development it fails loudly
(imsite.checks).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from chat.gateway.roles import Role
from chat.protocol.heartbeat import DEFAULT_INTERVALS
from imsite.environment import choice, count, env, flag, local_secret_key, networks, number, seconds_by_name

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = Path(env.str("VAR_DIR", default=str(BASE_DIR / "var"))).resolve()
VAR_DIR.mkdir(parents=True, exist_ok=True)

DEBUG = flag("DEBUG", default=True)
SECRET_KEY = env.str("SECRET_KEY", default="") or (local_secret_key(VAR_DIR / "secret_key") if DEBUG else "")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])

INSTALLED_APPS = [
    "daphne",  # before staticfiles: its runserver speaks WebSocket
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "csp",
    "channels",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "imsite",
    "accounts",
    "chat",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "imsite.compression.PageCompressionMiddleware",
    "imsite.content_policy.ContentPolicyMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "accounts.middleware.PreferencesMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

ROOT_URLCONF = "imsite.urls"
ASGI_APPLICATION = "imsite.asgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "accounts.context.interface",
            ],
        },
    },
]

# Database

DATABASES = {"default": env.db_url_config(env.str("DATABASE_URL", default="") or f"sqlite:///{VAR_DIR / 'db.sqlite3'}")}
match DATABASES["default"]["ENGINE"]:
    case "django.db.backends.sqlite3":
        DATABASES["default"]["OPTIONS"] = {
            # A writer takes its lock when the transaction begins, so it never fails half-way through.
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            # FULL: a commit is on the disk before it is acknowledged (promise 1), also in WAL mode.
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;",
        }
    case "django.db.backends.postgresql":
        DATABASES["default"]["OPTIONS"] = {
            "pool": {"min_size": 2, "max_size": count("DATABASE_POOL", default=20), "timeout": 10},
            "connect_timeout": 5,
            # A database host that vanished is noticed in half a minute, not after TCP's quarter of an hour.
            "keepalives_idle": 15,
            "keepalives_interval": 5,
            "keepalives_count": 3,
            "tcp_user_timeout": 30_000,  # ms
            **DATABASES["default"].get("OPTIONS", {}),
        }
        # The pool asks before it hands out a connection: after a restart of PostgreSQL nobody gets a dead one.
        DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
    case engine:
        raise ImproperlyConfigured(f"DATABASE_URL: {engine} is not supported; use sqlite:///… or postgresql://…")
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Between processes: the channel layer carries hints, the cache counts for limits. Nothing durable is in either.

REDIS_URL = env.str("REDIS_URL", default="")
IM_LAYER_PREFIX = env.str("IM_LAYER_PREFIX", default="im")
CHANNEL_LAYERS = {
    "default": {"BACKEND": "channels.layers.InMemoryChannelLayer", "CONFIG": {"capacity": 10_000}},
}
# More counters than limits let anybody make: none is thrown out before its time.
_LOCAL_CACHE = {
    "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
    "OPTIONS": {"MAX_ENTRIES": 100_000},
}
CACHES = {
    "default": {**_LOCAL_CACHE, "LOCATION": "default"},
    # What counts on while the shared one is away (accounts.counters).
    "local": {**_LOCAL_CACHE, "LOCATION": "local"},
}
if REDIS_URL:
    CHANNEL_LAYERS["default"] = {
        "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
        "CONFIG": {"hosts": [REDIS_URL], "prefix": IM_LAYER_PREFIX},
    }
    CACHES["default"] = {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": IM_LAYER_PREFIX,
        # A Redis that hangs must not hang a request.
        "OPTIONS": {"socket_timeout": 1, "socket_connect_timeout": 1},
    }

# People

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["accounts.authentication.PasswordBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "accounts.passwords.LengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "signin"
LOGIN_REDIRECT_URL = "conversations"
LOGOUT_REDIRECT_URL = "signin"
SESSION_COOKIE_NAME = "im_session"
SESSION_COOKIE_AGE = 60 * 60 * 24 * 30

# Security. Outside development everything supposes HTTPS, here or in a proxy in front.

HTTPS = flag("HTTPS", default=not DEBUG)
SESSION_COOKIE_SECURE = HTTPS
CSRF_COOKIE_SECURE = HTTPS
SECURE_SSL_REDIRECT = HTTPS
SECURE_HSTS_SECONDS = count("HSTS_SECONDS", default=60 * 60 * 24 * 30, minimum=0) if HTTPS else 0
# Whether the whole domain may only be reached by HTTPS is for its owner to say, in the proxy.
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]
# Who is believed when it says whose request it hands on (accounts.addresses).
IM_TRUSTED_PROXIES = networks("IM_TRUSTED_PROXIES")
IM_TCP_PROXY_PROTOCOL = flag("IM_TCP_PROXY_PROTOCOL", default=False)
METRICS_TOKEN = env.str("METRICS_TOKEN", default="")
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:", "blob:"],
        "connect-src": [SELF],  # covers ws: and wss: of the page's own host
        "base-uri": [NONE],
        "form-action": [SELF],
        "worker-src": [SELF],
        "manifest-src": [SELF],
        "frame-ancestors": [NONE],
        "object-src": [NONE],
    }
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024  # a request's body without files
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024  # above this an upload waits on the disk

# The name that people see, and the language and time of those who have chosen none

SITE_NAME = env.str("SITE_NAME", default="Lian")

LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("zh-hans", _("Simplified Chinese"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = "UTC"
USE_TZ = True

# Files

STATIC_URL = "static/"
STATIC_ROOT = VAR_DIR / "static"
MEDIA_URL = "media/"
MEDIA_ROOT = VAR_DIR / "media"
# What people send each other is nothing that a web server may serve by itself: it lies outside of MEDIA_ROOT.
_ATTACHMENTS: dict[str, Any] = {
    "BACKEND": "imsite.durable_storage.DurableStorage",
    "OPTIONS": {"location": VAR_DIR / "attachments", "base_url": None, "file_permissions_mode": 0o600},
}
S3_BUCKET = env.str("S3_BUCKET", default="")
if S3_BUCKET:
    _ATTACHMENTS = {
        "BACKEND": "storages.backends.s3.S3Storage",
        "OPTIONS": {
            "bucket_name": S3_BUCKET,
            "endpoint_url": env.str("S3_ENDPOINT", default="") or None,
            "region_name": env.str("S3_REGION", default="") or None,
            "location": env.str("S3_PREFIX", default=""),
            "default_acl": None,  # as the bucket has it: private
            "file_overwrite": True,  # names are our own, and never come twice
        },
    }
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "attachments": _ATTACHMENTS,
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "imsite.static_storage.HashedStaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = DEBUG
WHITENOISE_AUTOREFRESH = DEBUG

# REST

REST_FRAMEWORK = {
    # How the API authenticates, answers and refuses is said in chat.api.base; this is for a view that forgets to.
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    # For each user, or address of those who are not signed in. Development is no place to wait.
    "DEFAULT_THROTTLE_RATES": {
        "general": "60000/min" if DEBUG else "1200/min",
        "send": "60000/min" if DEBUG else "1800/min",  # as a socket: 30 in a second
        "upload": "6000/min" if DEBUG else "120/min",  # a dozen messages full of pictures
        "search": "6000/min" if DEBUG else "120/min",  # as fast as one can type and look
        "contact": "6000/hour" if DEBUG else "50/day",  # requests: a whole team, or a class, on the first day
        "sign_in": "6000/min" if DEBUG else "60/min",
        "sign_up": "6000/hour" if DEBUG else "20/hour",
    },
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Instant messaging",
    "VERSION": "v1",
    "OAS_VERSION": "3.1.0",
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "POSTPROCESSING_HOOKS": ["chat.api.schema.complete"],
}

# Logs

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"()": "imsite.logs.KeyValueFormatter"}},
    "filters": {
        "from_anybody": {"()": "imsite.logs.FromAnybody"},
        "without_invites": {"()": "imsite.logs.WithoutInvites"},
    },
    "handlers": {
        "stderr": {"class": "logging.StreamHandler", "formatter": "line"},
        # A handler's filter also holds for the loggers below (DisallowedHost, RequestDataTooBig and so on).
        "strangers": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["from_anybody"]},
    },
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    "loggers": {
        "django": {"handlers": ["stderr"], "level": "INFO", "propagate": False},
        "django.request": {"filters": ["without_invites"]},
        "django.security": {"handlers": ["strangers"], "propagate": False},
        "imsite": {"level": env.str("LOG_LEVEL", default="INFO").upper()},
        "accounts": {"level": env.str("LOG_LEVEL", default="INFO").upper()},
        "chat": {"level": env.str("LOG_LEVEL", default="INFO").upper()},
    },
}

# The messenger. Code reads these as settings.IM_…; docs/operations.md says what each one does.

IM_ROLE = choice("IM_ROLE", default=Role.ALL, choices=[*Role])
IM_SERVER = choice("IM_SERVER", default="daphne", choices=("daphne", "uvicorn"))
IM_WORKERS = count("IM_WORKERS", default=1)
IM_DEMO = DEBUG
IM_SIGNUP = flag("IM_SIGNUP", default=True)
IM_RATE_LIMITS = flag("IM_RATE_LIMITS", default=True)
IM_TOKEN_DAYS = count("IM_TOKEN_DAYS", default=90)

# Off: browsers that have the service worker are told to let go of it, and of what it keeps.
IM_OFFLINE = flag("IM_OFFLINE", default=True)

IM_RECALL_SECONDS = number("IM_RECALL_SECONDS", default=120)
IM_GROUP_MAX_MEMBERS = count("IM_GROUP_MAX_MEMBERS", default=1_000, minimum=2)
IM_SYNC_MAX = count("IM_SYNC_MAX", default=1_000)

IM_UPLOAD_BYTES = count("IM_UPLOAD_BYTES", default=25 * 1024 * 1024, minimum=64 * 1024)
IM_STORAGE_BYTES = count("IM_STORAGE_BYTES", default=1024 * 1024 * 1024)  # of one user

# Above the longest, a peer that is gone stays online for half an hour, and its NAT has long forgotten it.
IM_HEARTBEATS = seconds_by_name("IM_HEARTBEATS", known=DEFAULT_INTERVALS, minimum=0.5, maximum=600)
IM_HEARTBEAT_SECONDS = number("IM_HEARTBEAT_SECONDS", default=0, maximum=600)  # 0: by platform
IM_LOGIN_TIMEOUT = number("IM_LOGIN_TIMEOUT", default=10, minimum=0.1)
# The largest packet needs 7 s at 10 KB/s; who sends bytes more slowly than that only means to hold the connection.
IM_PACKET_TIMEOUT = number("IM_PACKET_TIMEOUT", default=15, minimum=0.1)
# Below the 1 MiB at which ASGI servers hang up, so that it is ours that says too_large.
IM_FRAME_BYTES = count("IM_FRAME_BYTES", default=64 * 1024, minimum=4 * 1024, maximum=512 * 1024)
IM_OUTBOX_BYTES = count("IM_OUTBOX_BYTES", default=1024 * 1024, minimum=64 * 1024)
# Beyond the machine's limits on one process it is lowered at the start.
IM_CONNECTIONS_MAX = count("IM_CONNECTIONS_MAX", default=50_000)
IM_CONNECTIONS_PER_ADDRESS = count("IM_CONNECTIONS_PER_ADDRESS", default=0, minimum=0)  # 0: no limit of its own
IM_DB_THREADS = count("IM_DB_THREADS", default=8)
IM_REPAIR_SECONDS = number("IM_REPAIR_SECONDS", default=5, minimum=0.1)
IM_DRAIN_SECONDS = number("IM_DRAIN_SECONDS", default=10)
IM_TLS_CERTIFICATE = env.str("IM_TLS_CERTIFICATE", default="")  # PEM files
IM_TLS_KEY = env.str("IM_TLS_KEY", default="")
IM_TLS_HTTP = flag("IM_TLS_HTTP", default=False)  # else that of raw TCP only
