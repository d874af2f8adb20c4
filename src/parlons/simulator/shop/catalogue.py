"""What the shops sell. Firms, models, prices and numbers are fictional."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Firm:
    """One dealer."""

    slug: str
    """Also the key of its widget."""
    base: str
    """Where its pages are."""
    name: str
    word: str
    """As written in the page's head."""
    phone: str
    place: str
    language: str
    """What its pages speak at first."""
    currency: str


@dataclass(frozen=True, slots=True)
class Car:
    """One car for sale."""

    slug: str
    firm: str
    name: str
    body: str
    """A silhouette of `drawing`."""
    fuel: str
    """hybrid, electric, petrol or diesel."""
    year: int
    km: int
    power: int
    """Horsepower."""
    price: int
    site: str
    colours: tuple[str, ...]
    seats: int
    boot: int
    """Litres."""
    range_km: int | None = None
    """Of an electric car."""

    @property
    def monthly(self) -> int:
        """Over 48 months with a tenth down, at 4.9 % a year."""
        return monthly(self.price, self.price // 10, 48)


def monthly(price: int, down: int, months: int, rate: float = 0.049) -> int:
    """The instalment of a loan with equal payments (annuity), rounded to whole units."""
    share = rate / 12
    return round((price - down) * share / (1 - (1 + share) ** -months))


DELMAS = Firm(
    "delmas",
    "/shop",
    "Delmas Automobiles",
    "DELMAS",
    "05 62 00 41 00",
    "Toulouse Nord, 12 rue des Tuileries",
    "fr",
    "EUR",
)
NORTHGATE = Firm(
    "northgate", "/shop/northgate", "Northgate Vans", "NORTHGATE", "020 7946 0812", "4 Canal Wharf, Leeds", "en", "GBP"
)
FIRMS = (DELMAS, NORTHGATE)

TEAL, RUST, SLATE, PINE, SILVER, NAVY, SAND, CREAM = (
    "#1f6f86", "#95583b", "#4a5a5f", "#2c5a46", "#8b9296", "#34467f", "#b79a6b", "#d9d2c3",
)  # fmt: skip

CARS = (
    Car("solene-5-hybride", "delmas", "Solène 5 Hybride", "saloon", "hybrid", 2023, 31_200, 140, 23_490, "Toulouse Nord",
        (TEAL, RUST, SLATE, PINE, SILVER, NAVY), 5, 520),
    Car("vela-3", "delmas", "Vela 3", "hatch", "electric", 2024, 12_400, 156, 26_900, "Toulouse Nord",
        (NAVY, SAND, SILVER, TEAL), 5, 385, 412),
    Car("cimea-hybride", "delmas", "Ciméa Hybride", "suv", "hybrid", 2022, 44_800, 190, 29_750, "Blagnac",
        (PINE, SLATE, CREAM, RUST), 5, 610),
    Car("marelle-break", "delmas", "Marelle Break", "estate", "diesel", 2021, 68_300, 130, 17_900, "Blagnac",
        (SLATE, NAVY, SILVER), 5, 640),
    Car("brisa-e", "delmas", "Brisa E", "city", "electric", 2023, 18_900, 82, 14_950, "Toulouse Nord",
        (SAND, TEAL, CREAM, RUST), 4, 210, 255),
    Car("vela-2", "delmas", "Vela 2", "hatch", "petrol", 2020, 52_100, 110, 11_490, "Balma",
        (RUST, SILVER, NAVY), 5, 360),
    Car("corail-coupe", "delmas", "Corail Coupé", "coupe", "petrol", 2022, 27_600, 204, 31_200, "Balma",
        (RUST, SLATE, NAVY, CREAM), 4, 300),
    Car("garrigue-fourgon", "delmas", "Garrigue Fourgon", "van", "diesel", 2021, 81_000, 145, 19_800, "Blagnac",
        (CREAM, SILVER, TEAL), 3, 5200),
    Car("harrow-12", "northgate", "Harrow 12", "van", "diesel", 2022, 46_000, 150, 18_950, "Leeds",
        (NAVY, CREAM, SLATE), 3, 5800),
    Car("solway-electric", "northgate", "Solway Electric", "van", "electric", 2024, 9_800, 136, 27_400, "Leeds",
        (TEAL, CREAM, SILVER), 3, 4400, 290),
    Car("fenwick-estate", "northgate", "Fenwick Estate", "estate", "hybrid", 2023, 22_300, 165, 21_600, "York",
        (PINE, SLATE, RUST), 5, 620),
)  # fmt: skip


def firm_cars(firm: Firm) -> list[Car]:
    """What a firm has on its lot, in the order it likes to show it."""
    return [car for car in CARS if car.firm == firm.slug]
