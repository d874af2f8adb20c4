"""What the shops' pages say, in French and English."""

from parlons.simulator.shop.catalogue import Car, Firm

WORDS: dict[str, dict[str, str]] = {
    "fr": {
        "used": "Occasion", "workshop": "Atelier", "financing": "Financer", "other": "English", "home": "Accueil",
        "lead": "Des voitures révisées chez nous, au prix affiché, sans surprise.",
        "hero": "Votre prochaine voiture est sur notre parc.", "see_all": "Voir les {n} véhicules", "chosen": "En ce moment",
        "talk": "Une question ? Écrivez-nous, quelqu’un d’ici vous répond.", "book": "Réserver un essai",
        "per_month": "ou {price} par mois", "first_hand": "première main", "km": "{n} km", "hp": "{n} ch",
        "fuel": "Énergie", "all": "Toutes", "price_max": "Prix maximum", "site": "Parc", "all_sites": "Tous les parcs",
        "hybrid": "Hybride", "electric": "Électrique", "petrol": "Essence", "diesel": "Diesel", "found": "{n} véhicules",
        "none": "Aucun véhicule ne correspond. Élargissez le prix ou demandez-nous : il en arrive chaque semaine.",
        "year": "Année", "mileage": "Kilométrage", "power": "Puissance", "seats": "Places", "boot": "Coffre",
        "litres": "{n} litres", "range": "Autonomie", "similar": "Dans le même esprit", "colours": "Couleurs disponibles",
        "guarantee": "Garantie 12 mois, reprise de votre véhicule, essai de 30 minutes sans rendez-vous le samedi.",
        "fin_title": "Financer", "fin_lead": "Choisissez l’apport et la durée. Le taux est de 4,9 % par an, frais compris.",
        "amount": "Prix du véhicule", "down": "Apport", "months": "Durée (mois)", "result": "Par mois",
        "fin_note": "Exemple sans engagement. Un crédit vous engage et doit être remboursé.",
        "ws_title": "Atelier", "ws_lead": "Révision, pneus, freins, batterie : un créneau sous trois jours ouvrés.",
        "ws_services": "Nos forfaits", "revision": "Révision complète", "tyres": "Quatre pneus montés",
        "brakes": "Freins avant", "battery": "Contrôle de batterie", "ws_slots": "Prochains créneaux",
        "hours": "Du lundi au samedi, 9 h à 19 h", "crumb": "Occasion", "filter": "Filtrer", "skip": "Aller au contenu",
        "tue": "mardi 8 h 30", "wed": "mercredi 14 h", "thu": "jeudi 10 h 15",
    },
    "en": {
        "used": "Used", "workshop": "Workshop", "financing": "Finance", "other": "Français", "home": "Home",
        "lead": "Serviced in our own workshop, sold at the price shown, no surprises.",
        "hero": "Your next one is on our lot.", "see_all": "See all {n} vehicles", "chosen": "Right now",
        "talk": "A question? Write to us, somebody from here answers.", "book": "Book a test drive",
        "per_month": "or {price} a month", "first_hand": "one owner", "km": "{n} km", "hp": "{n} hp",
        "fuel": "Fuel", "all": "All", "price_max": "Highest price", "site": "Site", "all_sites": "All sites",
        "hybrid": "Hybrid", "electric": "Electric", "petrol": "Petrol", "diesel": "Diesel", "found": "{n} vehicles",
        "none": "Nothing fits. Raise the price or ask us: new ones arrive each week.",
        "year": "Year", "mileage": "Mileage", "power": "Power", "seats": "Seats", "boot": "Boot",
        "litres": "{n} litres", "range": "Range", "similar": "You may also like", "colours": "Colours available",
        "guarantee": "12 months’ guarantee, part exchange, 30-minute test drives on Saturdays without appointment.",
        "fin_title": "Finance", "fin_lead": "Choose the deposit and the term. The rate is 4.9% a year, fees included.",
        "amount": "Price of the vehicle", "down": "Deposit", "months": "Term (months)", "result": "A month",
        "fin_note": "An example without obligation. Credit must be paid back.",
        "ws_title": "Workshop", "ws_lead": "Service, tyres, brakes, battery: a slot within three working days.",
        "ws_services": "Fixed prices", "revision": "Full service", "tyres": "Four tyres fitted", "brakes": "Front brakes",
        "battery": "Battery check", "ws_slots": "Next free slots", "hours": "Monday to Saturday, 9:00 to 19:00",
        "crumb": "Used", "filter": "Filter", "skip": "Skip to content",
        "tue": "Tuesday 8:30", "wed": "Wednesday 14:00", "thu": "Thursday 10:15",
    },
}  # fmt: skip


def number(value: int, language: str) -> str:
    """Thousands as each language groups them."""
    return f"{value:,}".replace(",", "\u00a0") if language == "fr" else f"{value:,}"


def money(value: int, firm: Firm, language: str) -> str:
    """A whole amount in the firm's currency."""
    sign = "£" if firm.currency == "GBP" else "€"
    return f"{number(value, language)}\u00a0{sign}" if language == "fr" else f"{sign}{number(value, language)}"


def distance(km: int, firm: Firm, language: str) -> str:
    """In the unit of the firm's roads; miles to the nearest ten."""
    if firm.currency != "GBP":
        return WORDS[language]["km"].format(n=number(km, language))
    return f"{number(int(round(km / 1.609344, -1)), language)}\u00a0{'miles' if language == 'en' else 'milles'}"


def facts(car: Car, firm: Firm, language: str) -> str:
    """The line under a car's name."""
    words = WORDS[language]
    return " · ".join(
        (str(car.year), distance(car.km, firm, language), words["hp"].format(n=car.power), words["first_hand"])
    )
