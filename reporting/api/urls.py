from django.urls import URLPattern, URLResolver, path

from reporting.api.backlog import Backlog
from reporting.api.billing import BillingFiles, Collections, Credits, Invoices
from reporting.api.booked import Booked, BookedDeals
from reporting.api.breaks import BreakChecks, Breaks
from reporting.api.bridge import BridgeDeals, BridgeView
from reporting.api.exports import Exports
from reporting.api.forecast import ForecastView
from reporting.api.forecasts import Forecasts
from reporting.api.integrity import Integrity, IntegrityDeals
from reporting.api.measures import MeasureDeals, Measures, OneMeasure
from reporting.api.objectives import Objective, Objectives, ObjectiveVersions, ObjectiveWithdrawals
from reporting.api.periods import (
    Closings,
    FigureDeals,
    OnePeriod,
    Periods,
    Preparations,
    Restatements,
    Signatures,
)
from reporting.api.promises import Promises
from reporting.api.targets import Target, TargetLinks, Targets, TargetVersions, TargetWithdrawals
from reporting.api.variance import Variance
from reporting.api.verifications import Verifications

urlpatterns: list[URLPattern | URLResolver] = [
    path("variance/", Variance.as_view(), name="api-variance"),
    path("booked/", Booked.as_view(), name="api-booked"),
    path("booked/deals/", BookedDeals.as_view(), name="api-booked-deals"),
    path("measures/", Measures.as_view(), name="api-measures"),
    path("measures/<str:name>/", OneMeasure.as_view(), name="api-measure"),
    path("measures/<str:name>/deals/", MeasureDeals.as_view(), name="api-measure-deals"),
    path("forecast/", ForecastView.as_view(), name="api-forecast"),
    path("forecasts/", Forecasts.as_view(), name="api-forecasts"),
    path("bridge/", BridgeView.as_view(), name="api-bridge"),
    path("bridge/deals/", BridgeDeals.as_view(), name="api-bridge-deals"),
    path("breaks/", Breaks.as_view(), name="api-breaks"),
    path("breaks/<number:number>/checks/", BreakChecks.as_view(), name="api-break-checks"),
    path("billings/", BillingFiles.as_view(), name="api-billings"),
    path("promises/", Promises.as_view(), name="api-promises"),
    path("backlog/", Backlog.as_view(), name="api-backlog"),
    path("deals/<str:ref>/invoices/", Invoices.as_view(), name="api-invoices"),
    path("deals/<str:ref>/credits/", Credits.as_view(), name="api-credits"),
    path("deals/<str:ref>/collections/", Collections.as_view(), name="api-collections"),
    path("periods/", Periods.as_view(), name="api-periods"),
    path("periods/<month:month>/", OnePeriod.as_view(), name="api-period"),
    path("periods/<month:month>/deals/", FigureDeals.as_view(), name="api-period-deals"),
    path("periods/<month:month>/preparations/", Preparations.as_view(), name="api-period-preparations"),
    path("periods/<month:month>/signatures/", Signatures.as_view(), name="api-period-signatures"),
    path("periods/<month:month>/closings/", Closings.as_view(), name="api-period-closings"),
    path("periods/<month:month>/restatements/", Restatements.as_view(), name="api-period-restatements"),
    path("integrity/", Integrity.as_view(), name="api-integrity"),
    path("integrity/deals/", IntegrityDeals.as_view(), name="api-integrity-deals"),
    path("objectives/", Objectives.as_view(), name="api-objectives"),
    path("objectives/<number:number>/", Objective.as_view(), name="api-objective"),
    path("objectives/<number:number>/versions/", ObjectiveVersions.as_view(), name="api-objective-versions"),
    path("objectives/<number:number>/withdrawals/", ObjectiveWithdrawals.as_view(), name="api-objective-withdrawals"),
    path("targets/", Targets.as_view(), name="api-targets"),
    path("targets/<number:number>/", Target.as_view(), name="api-target"),
    path("targets/<number:number>/versions/", TargetVersions.as_view(), name="api-target-versions"),
    path("targets/<number:number>/withdrawals/", TargetWithdrawals.as_view(), name="api-target-withdrawals"),
    path("targets/<number:number>/links/", TargetLinks.as_view(), name="api-target-links"),
    path("exports/", Exports.as_view(), name="api-exports"),
    path("verifications/", Verifications.as_view(), name="api-verifications"),
]
