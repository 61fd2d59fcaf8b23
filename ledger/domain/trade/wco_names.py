"""Names of the elements that a WCO `DEC` message can have at all, and what of a message has another name.

The namespaces are closed: their schemas (DEC-DMS 2.15 and DocumentMetaData-DMS) take no element of another name or
namespace. So such a one is a slip, and is refused with its path, not passed over: a misspelt `WriteOff` would else be
no write-off. Names are compared, not their order or places: what stands where nobody reads it is told as ignored.
"""

from collections.abc import Iterator
from itertools import islice
from typing import Final
from xml.etree.ElementTree import Element  # a type only: defusedxml parses

from ledger.domain.errors import Fault
from ledger.domain.limits import MAX_UNKNOWN_ELEMENTS
from ledger.domain.trade.xml import steps_below

METADATA: Final = "urn:wco:datamodel:WCO:DocumentMetaData-DMS:2"
DECLARATION: Final = "urn:wco:datamodel:WCO:DEC-DMS:2"
CLASSES: Final = {
    "42A": "Declaration",
    "67A": "GoodsShipment",
    "68A": "GovernmentAgencyGoodsItem",
    "02A": "AdditionalDocument",
    "23A": "Commodity",
    "65A": "GoodsMeasure",
    "70A": "GovernmentProcedure",
    "28A": "Consignment",
    "64A": "GoodsLocation",
    "17C": "AuthorisationHolder",
}
"""WCO class ids and their elements, as far as the domain guide names them."""
NUMBERED: Final = frozenset({"68A", "02A", "70A", "17C"})
"""Classes of which an element may have several: their places always stand in paths."""
TAGS: Final = {"360": "LPCOExemptionCode"}
"""WCO tag ids of single elements, as far as amendments here have used them; others are refused, not guessed."""
SHOWN: Final = {name: cls for cls, name in CLASSES.items()} | {"Amendment": "06A", "AdditionalInformation": "03A"}
"""Elements that stand in paths by their class id; others stand there by name."""
MAX_SHOWN_CHARS: Final = 200
"""Of a path that another's names made."""

_ENVELOPE: Final = """
    WCODataModelVersionCode WCOTypeName ResponsibleCountryCode ResponsibleAgencyName AgencyAssignedCustomizationCode
    AgencyAssignedCustomizationVersionCode
"""
_NAMES: Final = """
    AEOMutualRecognitionParty AcceptanceDateTime AccessCode AdValoremTaxBaseAmount AdditionCode
    AdditionalDocument AdditionalInformation Address Agent Amendment AmountAmount ArrivalTransportMeans
    Authentication Authenticator AuthorisationHolder BorderTransportMeans Buyer Carrier CategoryCode
    ChangeReasonCode ChargeDeduction ChargesTypeCode CityName Classification Commodity Communication
    ConditionCode Consignee Consignment ConsignmentItem Consignor Contact ContainerCode CountryCode
    CountryRelationshipCode CountrySubDivisionCode CountrySubDivisionName CurrencyExchange CurrencyTypeCode
    CurrentCode CustomsValuation CustomsValueAmount DangerousGoods Declarant Declaration DeclarationOfficeID
    DeductAmount DepartureTransportMeans Description Destination DocumentSectionCode DomesticDutyTaxParty
    DutyRegimeCode DutyTaxFee EffectiveDateTime ExitDateTime ExitOffice ExportCountry Exporter Freight
    FreightChargeAmount FunctionCode FunctionalReferenceID GoodsItemQuantity GoodsLocation GoodsMeasure
    GoodsShipment GovernmentAgencyGoodsItem GovernmentProcedure GrossMassMeasure GuaranteeOffice HeightMeasure
    ID IdentificationTypeCode Importer Invoice InvoiceAmount InvoiceLine IssueDateTime IssueLocationID
    ItemChargeAmount Itinerary LPCOExemptionCode LengthMeasure Line LineNumeric LoadingListQuantity
    LoadingLocation LocationID LocationName MarksNumbersID MethodCode ModeCode Name NetNetWeightMeasure
    ObligationGuarantee Origin OtherChargeDeductionAmount Packaging PackingMaterialDescription Payer Payment
    PaymentAmount PaymentMethodCode Pointer PostcodeID PresentationOffice PreviousCode PreviousDocument
    QuantityQuantity QuotaOrderID RateNumeric ReferenceID RegionID RegistrationNationalityCode RoleCode
    RoutingCountryCode Seal SecurityDetailsCode Seller SequenceNumeric SpecificCircumstancesCodeCode
    SpecificTaxBaseQuantity StatementCode StatementDescription StatementTypeCode StatisticalValueAmount
    Submitter SupervisingOffice Surety TagID TariffQuantity TaxAssessedAmount TaxRateNumeric
    TotalGrossMassMeasure TotalPackageQuantity TradeTerms TraderAssignedReferenceID TransactionNatureCode
    TransportEquipment TypeCode UCR UNDGID ValuationAdjustment VolumeMeasure Warehouse WidthMeasure WriteOff
"""
_KNOWN: Final = frozenset(
    {
        *(f"{{{METADATA}}}{name}" for name in _ENVELOPE.split()),
        *(f"{{{DECLARATION}}}{name}" for name in _NAMES.split()),
        "{urn:wco:datamodel:WCO:Declaration_DS:DMS:2}DateTimeString",
    }
)


def unknown_elements(root: Element) -> list[Fault]:
    """A fault for each element below `root` that no `DEC` message can have; of many, the first and their end.

    What stands in such an element is not looked at.
    """
    found = list(islice(_unknown(root, "MetaData"), MAX_UNKNOWN_ELEMENTS + 1))
    faults = [Fault("unknown_element", path, "no declaration has an element of this name") for path in found]
    if len(faults) > MAX_UNKNOWN_ELEMENTS:
        faults[-1] = Fault("unknown_element", "", f"more than {MAX_UNKNOWN_ELEMENTS} elements have unknown names")
    return faults


def _unknown(parent: Element, path: str) -> Iterator[str]:
    for child, step in steps_below(parent, SHOWN):
        below = step if child.tag == f"{{{DECLARATION}}}Declaration" else f"{path}/{step}"
        if child.tag in _KNOWN:
            yield from _unknown(child, below)
        else:
            yield below[:MAX_SHOWN_CHARS]
