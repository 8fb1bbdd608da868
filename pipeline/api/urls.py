from django.urls import URLPattern, URLResolver, path

from ledger.api import converters  # noqa: F401  (registers <number:…>)
from pipeline.api import imports
from pipeline.api.acts import Assignments, Losses, Reopenings, Returns
from pipeline.api.deals import Amendments, Deal, Deals
from pipeline.api.gates import Advances, Gate, Timeline
from pipeline.api.holidays import Holiday, Holidays
from pipeline.api.me import Me
from pipeline.api.organisation import Functions, Seats, Units
from pipeline.api.policies import Backtests, Lints, Policies, Policy, Publications, Signatures
from pipeline.api.policy_moves import MoveRuns, Moves, MoveSignatures, MoveWithdrawals, OneMove, Previews
from pipeline.api.rates import RateFiles, Rates
from pipeline.api.references import Accounts, Contacts, OneAccount, OneContact, OneProduct, Products
from pipeline.api.stages import Pipeline
from pipeline.api.tokens import Token, Tokens

urlpatterns: list[URLPattern | URLResolver] = [
    path("me/", Me.as_view(), name="api-me"),
    path("tokens/", Tokens.as_view(), name="api-tokens"),
    path("tokens/<number:number>/", Token.as_view(), name="api-token"),
    path("accounts/", Accounts.as_view(), name="api-accounts"),
    path("accounts/<number:number>/", OneAccount.as_view(), name="api-account"),
    path("contacts/", Contacts.as_view(), name="api-contacts"),
    path("contacts/<number:number>/", OneContact.as_view(), name="api-contact"),
    path("products/", Products.as_view(), name="api-products"),
    path("products/<number:number>/", OneProduct.as_view(), name="api-product"),
    path("units/<str:key>/holidays/", Holidays.as_view(), name="api-holidays"),
    path("units/<str:key>/holidays/<str:day>/", Holiday.as_view(), name="api-holiday"),
    path("units/", Units.as_view(), name="api-units"),
    path("functions/", Functions.as_view(), name="api-functions"),
    path("seats/", Seats.as_view(), name="api-seats"),
    path("rates/", Rates.as_view(), name="api-rates"),
    path("rates/files/", RateFiles.as_view(), name="api-rate-files"),
    path("pipeline/", Pipeline.as_view(), name="api-pipeline"),
    path("deals/", Deals.as_view(), name="api-deals"),
    path("deals/<str:ref>/", Deal.as_view(), name="api-deal"),
    path("deals/<str:ref>/gate/", Gate.as_view(), name="api-gate"),
    path("deals/<str:ref>/timeline/", Timeline.as_view(), name="api-timeline"),
    path("deals/<str:ref>/advances/", Advances.as_view(), name="api-advances"),
    path("deals/<str:ref>/returns/", Returns.as_view(), name="api-returns"),
    path("deals/<str:ref>/losses/", Losses.as_view(), name="api-losses"),
    path("deals/<str:ref>/reopenings/", Reopenings.as_view(), name="api-reopenings"),
    path("deals/<str:ref>/amendments/", Amendments.as_view(), name="api-amendments"),
    path("deals/<str:ref>/assignments/", Assignments.as_view(), name="api-assignments"),
    *imports.urlpatterns,
    path("policies/", Policies.as_view(), name="api-policies"),
    path("policies/lints/", Lints.as_view(), name="api-lints"),
    path("policies/backtests/", Backtests.as_view(), name="api-backtests"),
    path("policies/publications/", Publications.as_view(), name="api-publications"),
    path("policies/moves/", Moves.as_view(), name="api-moves"),
    path("policies/moves/previews/", Previews.as_view(), name="api-move-previews"),
    path("policies/moves/<number:number>/", OneMove.as_view(), name="api-move"),
    path("policies/moves/<number:number>/signatures/", MoveSignatures.as_view(), name="api-move-signatures"),
    path("policies/moves/<number:number>/withdrawals/", MoveWithdrawals.as_view(), name="api-move-withdrawals"),
    path("policies/moves/<number:number>/runs/", MoveRuns.as_view(), name="api-move-runs"),
    path("policies/<number:number>/", Policy.as_view(), name="api-policy"),
    path("policies/<number:number>/signatures/", Signatures.as_view(), name="api-signatures"),
]
