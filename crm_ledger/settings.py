"""All settings, from the environment. Every variable is listed in README.md or docker-compose.yml."""

from pathlib import Path

from kombu import Queue

from crm_ledger import log_config, queues
from crm_ledger.api_description import API_DESCRIPTION
from crm_ledger.database_url import SCHEMES, django_database
from crm_ledger.env import WrongEnvironment, env_bool, env_int, env_list, env_rate, env_secret, env_str, env_url
from crm_ledger.local.secrets import keep
from crm_ledger.schedule import BEAT_SCHEDULE

BASE_DIR = Path(__file__).resolve().parent.parent

# DEBUG in the environment says "this is no production": plain HTTP, generated key, demo. Django's own DEBUG is a
# different thing and stays off even then, since it keeps every SQL statement in memory, slows each query, and
# shows tracebacks instead of our own error pages. DJANGO_DEBUG=1 turns it on for one debugging session.
DEVELOPMENT = env_bool("DEBUG", False)
DEBUG = env_bool("DJANGO_DEBUG", False)
DEMO = env_bool("DEMO", DEVELOPMENT)
if DEBUG and not DEVELOPMENT:
    raise WrongEnvironment("DJANGO_DEBUG=1 needs DEBUG=1; unset DJANGO_DEBUG on a production system.")
if DEMO and not DEVELOPMENT:
    raise WrongEnvironment("the demo has public passwords and needs DEBUG=1; set DEMO=0, or DEBUG=1 on a test system.")

_key = env_secret("SECRET_KEY")
if _key is None and not DEVELOPMENT:
    raise WrongEnvironment("SECRET_KEY is missing; set it, or SECRET_KEY_FILE, to at least 50 random characters.")
SECRET_KEY = _key or keep("secret_key")
SECRET_KEY_FALLBACKS = env_list("SECRET_KEY_FALLBACKS", [])
ALLOWED_HOSTS = env_list("ALLOWED_HOSTS", ["localhost", "127.0.0.1", "[::1]"])
CSRF_TRUSTED_ORIGINS = env_list("CSRF_TRUSTED_ORIGINS", [])

INSTALLED_APPS = [
    "crm_ledger",
    "reporting",
    "governance",
    "pipeline",
    "ledger",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "django_filters",
    "django_htmx",
    "template_partials",
    "csp",
    "django_structlog",
]

MIDDLEWARE = [
    "crm_ledger.middleware.request_id",
    "crm_ledger.middleware.measure",
    "crm_ledger.middleware.keep_to_itself",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "crm_ledger.content_policy.ContentPolicy",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "crm_ledger.late_messages.LateMessages",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "crm_ledger.request_log.RequestLog",
    "django_htmx.middleware.HtmxMiddleware",
    "crm_ledger.middleware.say_that_no_page_is_here",
    "crm_ledger.freshness.LookFirst",
]

ROOT_URLCONF = "crm_ledger.urls"
WSGI_APPLICATION = "crm_ledger.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "OPTIONS": {
            "loaders": [
                (
                    "template_partials.loader.Loader",
                    [
                        (
                            "crm_ledger.folding.Loader",
                            [
                                "django.template.loaders.filesystem.Loader",
                                "django.template.loaders.app_directories.Loader",
                            ],
                        )
                    ],
                )
            ],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "crm_ledger.web.context.frame",
            ],
        },
    }
]

# Database. `default` is always the application role. `owner` exists only where its address is known, which the
# web process never learns; migrations run through it.
STATEMENT_TIMEOUT_MS = env_int("STATEMENT_TIMEOUT_MS", 0, most=600_000)
_database = env_url("DATABASE_URL", SCHEMES)
_owner = env_url("DATABASE_OWNER_URL", SCHEMES)
DATABASES = {
    "default": django_database(_database, application="crm-ledger", statement_timeout_ms=STATEMENT_TIMEOUT_MS)
    if _database
    else {"ENGINE": "crm_ledger.local.no_database", "NAME": "none"}
}
if _owner:
    DATABASES["owner"] = django_database(_owner, application="crm-ledger-owner")
# The sealer's own role and key: only the worker (and `manage.py seal`) is told about them, never the web.
_sealer = env_url("SEALER_DATABASE_URL", SCHEMES)
if _sealer:
    DATABASES["sealer"] = django_database(_sealer, application="crm-ledger-sealer")
LEDGER_SIGNING_KEY_FILE = env_str("LEDGER_SIGNING_KEY_FILE")
LEDGER_ORIGIN = env_str("LEDGER_ORIGIN", "crm-ledger")
# The key that signs receipts is another one: the web holds it, and it signs no head of the tree.
RECEIPT_KEY_FILE = env_str("RECEIPT_KEY_FILE") or str(BASE_DIR / ".local" / "secrets" / "receipt_key")
# Where checkpoints go: always to a file; to a second file, a webhook, an S3-compatible store, by mail where set.
CHECKPOINT_DIR = Path(env_str("CHECKPOINT_DIR") or BASE_DIR / ".local" / "checkpoints")
CHECKPOINT_MIRROR_DIR = env_str("CHECKPOINT_MIRROR_DIR")
CHECKPOINT_S3_URL = env_str("CHECKPOINT_S3_URL")
CHECKPOINT_S3_REGION = env_str("CHECKPOINT_S3_REGION", "us-east-1")
CHECKPOINT_S3_KEY_ID = env_str("CHECKPOINT_S3_KEY_ID")
CHECKPOINT_S3_SECRET = env_secret("CHECKPOINT_S3_SECRET") or ""
CHECKPOINT_S3_LOCK_DAYS = env_int("CHECKPOINT_S3_LOCK_DAYS", 0, least=0, most=36_500)
CHECKPOINT_WEBHOOK_URL = env_str("CHECKPOINT_WEBHOOK_URL")
CHECKPOINT_WEBHOOK_SECRET = env_secret("CHECKPOINT_WEBHOOK_SECRET") or ""
CHECKPOINT_MAIL = env_list("CHECKPOINT_MAIL", [])
CHECKPOINT_MAIL_HOURS = env_int("CHECKPOINT_MAIL_HOURS", 24, least=0, most=8_760)
DATABASE_ROUTERS = ["crm_ledger.routers.OwnerWhileMigrating"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Log-in: by e-mail and password; people are made by an administrator, never by a public form.
AUTH_USER_MODEL = "pipeline.Person"
AUTHENTICATION_BACKENDS = ["crm_ledger.accounts.Backend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("UserAttributeSimilarityValidator", "MinimumLengthValidator", "CommonPasswordValidator")
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "crm_ledger.accounts.ClosedAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGOUT_REDIRECT_URL = "/"
ACCOUNT_RATE_LIMITS = {"login": "120/m/ip", "login_failed": "30/m/ip,5/5m/key"}
ALLAUTH_TRUSTED_PROXY_COUNT = env_int("TRUSTED_PROXIES", 0, most=5)
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = "CRM execution ledger"

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English")]
TIME_ZONE = "UTC"
USE_I18N = len(LANGUAGES) > 1  # every text is marked; looking up what has no other words costs a tenth of a page
USE_TZ = True

# Static files: hashed names, served by the web process itself.
STATIC_URL = "static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
_from_source = env_bool("STATIC_FROM_SOURCE", False)  # tests read the files where they lie
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if _from_source
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = _from_source
WHITENOISE_AUTOREFRESH = _from_source
EVIDENCE_ROOT = Path(env_str("EVIDENCE_ROOT") or BASE_DIR / ".local" / "evidence")

# Security. Without DEBUG every cookie and every page demands HTTPS.
SECURE_SSL_REDIRECT = env_bool("SECURE_SSL_REDIRECT", not DEVELOPMENT)
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$", r"^metrics$"]
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if ALLAUTH_TRUSTED_PROXY_COUNT else None
SECURE_HSTS_SECONDS = 0 if DEVELOPMENT else 31_536_000
SECURE_HSTS_INCLUDE_SUBDOMAINS = not DEVELOPMENT
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SESSION_ENGINE = "pipeline.web.sessions"
# With this prefix the browser takes a cookie by HTTPS only, and from this host alone: no neighbour can plant one.
_host = "" if DEVELOPMENT else "__Host-"
SESSION_COOKIE_NAME = f"{_host}crm_ledger_session"
CSRF_COOKIE_NAME = f"{_host}crm_ledger_csrf"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = not DEVELOPMENT
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 12 * 3600
X_FRAME_OPTIONS = "DENY"
CSRF_FAILURE_VIEW = "crm_ledger.error_views.csrf_failure"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "form-action": ["'self'"],
        "manifest-src": ["'self'"],
        "frame-ancestors": ["'none'"],
        "base-uri": ["'none'"],
    }
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2_000
DATA_UPLOAD_MAX_NUMBER_FILES = 20
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
FILE_UPLOAD_PERMISSIONS = 0o600

# Live pages: each stream holds a thread of the web server, so a quarter of the threads stays free for pages.
WEB_THREADS = env_int("WEB_THREADS", 24, least=1, most=64)
LIVE_STREAMS = WEB_THREADS * 3 // 4

# Broker, cache, tasks.
REDIS_URL = env_url("REDIS_URL", ("redis", "rediss", "unix")) or "redis://127.0.0.1:6379/0"
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": "crm",
        # A broker behind a black hole must not hold a page.
        "OPTIONS": {"socket_connect_timeout": 1, "socket_timeout": 2},
    }
}
CELERY_BROKER_URL = REDIS_URL
CELERY_RESULT_BACKEND = None
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
# Late acknowledgement alone loses a task when a pool child is killed; both together lose none (LEDGER.md 13).
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_CONCURRENCY = env_int("WORKER_CONCURRENCY", 2, least=1, most=64)
CELERY_WORKER_MAX_MEMORY_PER_CHILD = 200_000  # kilobytes; a child beyond it is replaced after its task
CELERY_TASK_SOFT_TIME_LIMIT = 50
CELERY_TASK_TIME_LIMIT = 60
CELERY_BROKER_TRANSPORT_OPTIONS = {
    # Longer than the longest task, shorter than a person's patience; killed work is back seconds after it lapses.
    "visibility_timeout": 90,
    "unacked_restore_interval": 2,
    "unacked_restore_throttle": 1,
    # A worker takes from its most urgent queue that holds something; without this it goes round.
    "queue_order_strategy": "priority",
    "socket_keepalive": True,
}
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None  # for ever: by default a worker gives up after a hundred
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
# Named queues only: a task that is routed elsewhere fails where it is sent, not silently where nobody listens.
CELERY_TASK_CREATE_MISSING_QUEUES = False
CELERY_TASK_DEFAULT_QUEUE = queues.STEADY
CELERY_TASK_QUEUES = [Queue(name) for name in queues.ALL]
CELERY_TASK_ROUTES = queues.ROUTES
CELERY_TIMEZONE = "UTC"
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BEAT_SCHEDULE = BEAT_SCHEDULE
CELERY_BEAT_SCHEDULER = "crm_ledger.beat:Scheduler"
CELERY_BEAT_MAX_LOOP_INTERVAL = 5
# How old the last sign of scheduler, worker or courier may be before /readyz says no and pages say so.
BEAT_MAX_AGE_SECONDS = 60
# How long a web process that saw nothing due, and everybody alive, believes it. In a demo the clock jumps, and the
# next page must know.
LOOK_EVERY_SECONDS = 0 if DEMO else 1

REST_FRAMEWORK = {
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": [
        "crm_ledger.strict_json.StrictJSONParser",
        "rest_framework.parsers.MultiPartParser",
        "rest_framework.parsers.FormParser",
    ],
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "pipeline.api.authentication.TokenAuthentication",
        "pipeline.api.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_THROTTLE_CLASSES": [
        "ledger.api.throttling.PersonThrottle",
        "ledger.api.throttling.StrangerThrottle",
    ],
    "DEFAULT_THROTTLE_RATES": {
        "user": env_rate("API_RATE_USER", "1200/min"),
        "anon": env_rate("API_RATE_ANONYMOUS", "120/min"),
    },
    "NUM_PROXIES": ALLAUTH_TRUSTED_PROXY_COUNT,
    "EXCEPTION_HANDLER": "crm_ledger.problem.exception_handler",
    "COERCE_DECIMAL_TO_STRING": True,
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "CRM execution ledger",
    "DESCRIPTION": API_DESCRIPTION,
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "COMPONENT_SPLIT_REQUEST": True,
    "ENUM_GENERATE_CHOICE_DESCRIPTION": False,
    "POSTPROCESSING_HOOKS": ["crm_ledger.openapi.add_components"],
}

# The demo keeps its mail on a page; development without a demo prints it.
EMAIL_BACKEND = env_str("EMAIL_BACKEND") or (
    "governance.notify.sent_mail.EmailBackend"
    if DEMO
    else "django.core.mail.backends.console.EmailBackend"
    if DEVELOPMENT
    else "governance.notify.email.EmailBackend"
)
EMAIL_HOST = env_str("EMAIL_HOST", "localhost")
EMAIL_PORT = env_int("EMAIL_PORT", 25, least=1, most=65_535)
EMAIL_HOST_USER = env_str("EMAIL_HOST_USER")
EMAIL_HOST_PASSWORD = env_secret("EMAIL_HOST_PASSWORD") or ""
EMAIL_TIMEOUT = 10  # for each word of the conversation
EMAIL_USE_TLS = env_bool("EMAIL_USE_TLS", False)
DEFAULT_FROM_EMAIL = env_str("DEFAULT_FROM_EMAIL", "ledger@localhost")

# What leaves the house: links in messages begin with PUBLIC_URL. LOCAL_RECEIVERS lets tests and demos send to this
# machine by plain HTTP; OUTWARD_CA_FILE names the authorities of a company that has its own.
PUBLIC_URL = (env_url("PUBLIC_URL", ("https", "http")) or "http://127.0.0.1:8000").rstrip("/")
LOCAL_RECEIVERS = env_bool("LOCAL_RECEIVERS", False)
if LOCAL_RECEIVERS and not DEVELOPMENT:
    raise WrongEnvironment("LOCAL_RECEIVERS=1 opens the house to itself and needs DEBUG=1; unset it in production.")
OUTWARD_CA_FILE = env_str("OUTWARD_CA_FILE")

LOG_LEVEL = env_str("LOG_LEVEL", "INFO").upper()
LOGGING = log_config.logging(LOG_LEVEL)
log_config.configure()
DJANGO_STRUCTLOG_CELERY_ENABLED = True
DJANGO_STRUCTLOG_STATUS_4XX_LOG_LEVEL = log_config.INFO
DJANGO_STRUCTLOG_STATUS_START_LOG_LEVEL = log_config.DEBUG  # one line a request: how it ended
DJANGO_STRUCTLOG_IP_LOGGING_ENABLED = False  # it believes any X-Forwarded-For; crm_ledger.middleware does not
# An e-mail is unique regardless of case, by a constraint on an expression, which this check does not see.
SILENCED_SYSTEM_CHECKS = ["auth.W004"]

# What acts by itself: one table for all apps, loaded by the ledger at the first entry.
LEDGER_ZONE = "pipeline.queries.organisation.zone"
LEDGER_REACTIONS = "crm_ledger.reactions.REACTIONS"
LEDGER_ASKED_AHEAD = "crm_ledger.reactions.ASKED_AHEAD"
LEDGER_AFTER_COMMIT = "crm_ledger.reactions.AFTER_COMMIT"
LEDGER_HANDLERS = "crm_ledger.reactions.HANDLERS"
# Forecasts are known above governance, which asks by name what they project.
GOVERNANCE_PROJECTED = "reporting.queries.forecast_demand.projected"
