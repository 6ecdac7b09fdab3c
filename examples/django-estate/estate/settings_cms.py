"""The variant with django CMS: the same site on the same variables, with pages beside the news."""

from estate.settings import *  # noqa: F403 - all of them; what differs follows
from estate.settings import INSTALLED_APPS, MIDDLEWARE, TEMPLATES

INSTALLED_APPS = [
    *INSTALLED_APPS,
    "cms",
    "menus",
    "treebeard",
    "sekizai",
    "filer",
    "easy_thumbnails",
    "djangocms_alias",
    "djangocms_text",
    "djangocms_versioning",
]

MIDDLEWARE = [
    *MIDDLEWARE,
    "django.middleware.locale.LocaleMiddleware",
    "cms.middleware.user.CurrentUserMiddleware",
    "cms.middleware.page.CurrentPageMiddleware",
    "cms.middleware.toolbar.ToolbarMiddleware",
    "cms.middleware.language.LanguageCookieMiddleware",
]

ROOT_URLCONF = "estate.urls_cms"
TEMPLATES[0]["OPTIONS"]["context_processors"] += [
    "django.template.context_processors.i18n",
    "sekizai.context_processors.sekizai",
    "cms.context_processors.cms_settings",
]

LANGUAGES = [("en", "English"), ("de", "Deutsch")]
X_FRAME_OPTIONS = "SAMEORIGIN"  # the editor shows the page in a frame
CMS_CONFIRM_VERSION4 = True
CMS_TEMPLATES = [("page.html", "Page")]
CMS_PERMISSION = True  # so that editors can be kept to the pages of one site
THUMBNAIL_HIGH_RESOLUTION = True
THUMBNAIL_PROCESSORS = [
    "easy_thumbnails.processors.colorspace",
    "easy_thumbnails.processors.autocrop",
    "filer.thumbnail_processors.scale_and_crop_with_subject_location",
]
