from django.urls import URLPattern, URLResolver, path

from ledger.api import converters  # noqa: F401  (registers <month:…>)
from reporting.web import booked, booked_file, bridge, home, measure_deals, period_acts, periods, variance, verify

urlpatterns: list[URLPattern | URLResolver] = [
    path("", home.home, name="home"),
    path("notices/", home.put_away, name="notices"),
    path("variance/", variance.variance, name="variance"),
    path("deals/<str:ref>/variance/", variance.deal_variance, name="deal-variance"),
    path("booked/", booked.booked, name="booked"),
    path("booked/deals/", measure_deals.booked_deals, name="booked-deals"),
    path("measures/<str:name>/deals/", measure_deals.measure_deals, name="measure-deals"),
    path("bridge/", bridge.bridge, name="bridge"),
    path("bridge/deals/", bridge.bridge_deals, name="bridge-deals"),
    path("booked/booked.<str:form>", booked_file.booked_file, name="booked-file"),
    path("periods/", periods.listing, name="periods"),
    path("periods/<month:month>/", periods.period, name="period"),
    path("periods/<month:month>/preparations/", period_acts.prepare, name="period-prepare"),
    path("periods/<month:month>/signatures/", period_acts.sign, name="period-sign"),
    path("periods/<month:month>/closings/", period_acts.close, name="period-close"),
    path("periods/<month:month>/restatements/", period_acts.restate, name="period-restate"),
    path("verify/", verify.verify, name="verify"),
]
