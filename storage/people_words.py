"""The words of people's lists in English, Arabic and Sorani: headings, and what the cells under them say."""

from collections.abc import Mapping

from domain.names import folded


def table(words: Mapping[str, str]) -> dict[str, str]:
    return {folded(word): meaning for meaning, many in words.items() for word in many.split("|")}


LANGUAGE_WORDS = table(
    {
        "ar": "arabic|عربي|العربية|عربية|عەرەبی",
        "ckb": "kurdish|sorani|central kurdish|kurdish sorani|كردي|الكردية|كردية|سوراني|کوردی|سۆرانی",
        "kmr": "kurmanji|badini|بهديني|كرمانجي|بادینی|کرمانجی",
        "en": "english|انكليزي|انجليزي|الانكليزية|الإنجليزية|الانجليزية|ئینگلیزی",
        "tr": "turkish|تركي|التركية|تورکی",
        "tk": "turkmen|تركماني|التركمانية|تورکمانی",
        "fa": "persian|farsi|فارسي|الفارسية|فارسی",
        "syr": "syriac|سرياني|السريانية|سریانی",
        "hy": "armenian|ارمني|الأرمنية|ئەرمەنی",
        "fr": "french|فرنسي|الفرنسية|فەرەنسی",
        "de": "german|الماني|الألمانية|ئەڵمانی",
        "ru": "russian|روسي|الروسية|ڕووسی",
    }
)
CAPACITY_WORDS = table(
    {
        "serving_official": "official|serving|in office|current official|government official|مسؤول|مسؤول حالي|"
        "موظف حكومي|في المنصب|بەرپرس|بەرپرسی ئێستا|فەرمانبەری حکومەت",
        "former_official": "former|ex official|retired official|مسؤول سابق|سابق|متقاعد|بەرپرسی پێشوو|خانەنشین",
        "non_official": "none|no office|unofficial|independent|private capacity|غير رسمي|مستقل|بصفة شخصية|نافەرمی|"
        "سەربەخۆ|کەسی",
    }
)
CATEGORY_WORDS = table(
    {
        "researcher": "باحث|باحثة|توێژەر",
        "religious_leader": "cleric|رجل دين|زعيم ديني|پیاوی ئایینی|ڕابەری ئایینی",
        "womens_activist": "women s activist|womens rights|ناشطة نسوية|ناشطة|چالاکی ژنان",
        "journalist": "media|صحفي|صحفية|اعلامي|ڕۆژنامەنووس",
        "academic": "professor|اكاديمي|أكاديمية|استاذ جامعي|ئەکادیمی|مامۆستای زانکۆ",
        "business": "businessman|businesswoman|رجل اعمال|سيدة اعمال|اعمال|بازرگان",
        "former_official": "former official|مسؤول سابق|بەرپرسی پێشوو",
        "minority": "minorities|الاقليات|اقلية|مكون|کەمینە|پێکهاتە",
        "local_official": "mayor|local government|مسؤول محلي|بەرپرسی ناوخۆ",
        "expert": "خبير|خبيرة|شارەزا|پسپۆڕ",
        "official": "مسؤول|بەرپرس",
    }
)
CONSENT_WORDS = table(
    {
        "participate": "taking part|participation|المشاركة|بەشداری",
        "store": "storage|data|التخزين|حفظ البيانات|هەڵگرتن",
        "photograph": "photo|photos|التصوير|صورة|وێنە",
        "contact_in_stall": "contact|التواصل عند التوقف|پەیوەندی لە ڕاگرتندا",
        "name_in_report": "name|ذكر الاسم|ناوبردن",
    }
)

HEADINGS = {
    "id": "id|person id|jisr id|identifier|معرف|المعرف|الرقم التعريفي|رمز|ناسنامە|کۆد",
    "name": "name|full name|participant|nominee|person|الاسم|الاسم الكامل|اسم المشارك|ناو|ناوی تەواو|ناوی بەشداربوو",
    "name_native": "name native|native name|name arabic|arabic name|name in arabic|name kurdish|name in kurdish|"
    "الاسم بالعربية|الاسم بالعربي|الاسم العربي|الاسم بالكردية|ناو بە کوردی|ناوی کوردی|ناو بە عەرەبی|ناوی عەرەبی",
    "name_latin": "name latin|latin name|name english|english name|name in english|name in latin letters|"
    "preferred name|"
    "الاسم باللاتينية|الاسم بالانكليزية|الاسم بالإنجليزية|الاسم بالانجليزي|"
    "ناو بە ئینگلیزی|ناوی ئینگلیزی|ناو بە لاتینی",
    "name_passport": "name passport|passport name|name as in passport|name in passport|الاسم في الجواز|"
    "الاسم حسب الجواز|الاسم كما في جواز السفر|ناوی پاسپۆرت|ناو لە پاسپۆرت",
    "name_given": "first name|given name|forename|الاسم الاول|ناوی یەکەم",
    "name_family": "last name|family name|surname|اللقب|اسم العائلة|الكنية|نازناو|ناوی خێزان",
    "base": "base|city|town|based in|lives in|المدينة|محل الإقامة|مكان الإقامة|شار|شوێنی نیشتەجێبوون",
    "languages": "languages|language|preferred language|اللغات|اللغة|لغة المراسلة|زمان|زمانەکان",
    "zone": "zone|time zone|timezone|المنطقة الزمنية|التوقيت|ناوچەی کات|ناوچەی کاتی",
    "country": "country|country code|البلد|الدولة|بلد الإقامة|وڵات|وڵاتی نیشتەجێبوون",
    "organisation": "organisation|organization|institution|affiliation|employer|المؤسسة|المنظمة|الجهة|جهة العمل|"
    "ڕێکخراو|دامەزراوە|شوێنی کار",
    "category": "category|group|profession|الفئة|الصفة|التصنيف|جۆر|پۆل|هاوپۆل",
    "capacity": "capacity|standing|official status|الصفة الرسمية|الحالة الرسمية|پۆستی فەرمی|دۆخی فەرمی",
    "since": "since|capacity since|in office since|منذ|منذ تاريخ|تاريخ التولي|لە|لەو کاتەوە|بەرواری دەستبەکاربوون",
    "evidence_on": "evidence on|evidence|evidence date|date of evidence|تاريخ الدليل|تاريخ الإثبات|بەرواری بەڵگە",
    "email": "email|e mail|mail|email address|e mail address|البريد الإلكتروني|البريد|"
    "الايميل|عنوان البريد|ئیمەیل|ئیمێڵ|پۆستەی ئەلیکترۆنی",
    "phone": "phone|telephone|mobile|cell|phone number|mobile number|whatsapp|الهاتف|رقم الهاتف|الجوال|الموبايل|"
    "رقم الموبايل|تەلەفۆن|ژمارەی تەلەفۆن|مۆبایل|ژمارەی مۆبایل",
    "contact": "contact|channel|contact preference|channel preference|preferred channel|how to reach|طريقة التواصل|"
    "التواصل المفضل|وسيلة الاتصال|شێوازی پەیوەندی|پەیوەندی",
    "consents": "consents|consent|consent scopes|agreed to|الموافقات|الموافقة|ڕەزامەندی|ڕەزامەندییەکان",
    "consent_on": "consent on|consent date|date of consent|تاريخ الموافقة|بەرواری ڕەزامەندی",
}  # fmt: skip
COLUMNS = table(HEADINGS)

COUNTRY_WORDS = table(
    {
        "IQ": "irak|جمهورية العراق|عيراق",
        "IQ-KR": "kurdistan|kurdistan region|kri|iraqi kurdistan|kurdistan region of iraq|كردستان|اقليم كردستان|"
        "كردستان العراق|کوردستان|هەرێمی کوردستان",
        "TR": "turkey|turkiye|تركيا|تورکیا",
        "GB": "uk|england|britain|بريطانيا|بەریتانیا",
        "US": "usa|america|امريكا|ئەمریکا",
    }
)

MONTHS = """january jan يناير كانون الثاني کانوونی دووەم کانونی دووەم|february feb فبراير شباط شوبات|
march mar مارس آذار اذار ئازار|april apr أبريل ابريل نيسان نیسان|may مايو أيار ايار ئایار|
june jun يونيو حزيران حوزەیران|july jul يوليو تموز تەمووز تەموز|august aug أغسطس اغسطس آب اب ئاب|
september sep sept سبتمبر أيلول ايلول ئەیلوول ئەیلول|october oct أكتوبر اكتوبر تشرين الأول تشرینی یەکەم|
november nov نوفمبر تشرين الثاني تشرینی دووەم|december dec ديسمبر كانون الأول کانوونی یەکەم کانونی یەکەم"""
