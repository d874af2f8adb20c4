"""The pages of a shop, written out as HTML. Every value is escaped; no script or style stands inline (strict CSP)."""

import json
from html import escape

from parlons.simulator.shop.catalogue import Car, Firm, firm_cars, monthly
from parlons.simulator.shop.drawing import car_svg
from parlons.simulator.shop.words import WORDS, distance, facts, money, number

FUELS = ("hybrid", "electric", "petrol", "diesel")


class Shop:
    """One firm's pages in one language."""

    def __init__(self, firm: Firm, language: str) -> None:
        self.firm, self.language, self.words = firm, language, WORDS[language]

    def link(self, path: str, language: str | None = None) -> str:
        """The address of a page of this shop."""
        spoken = language or self.language
        return f"{self.firm.base}{'' if spoken == self.firm.language else '/' + spoken}{path}"

    def home(self) -> str:
        """The first page."""
        cars = firm_cars(self.firm)
        w = self.words
        cards = "".join(self._card(car) for car in cars[:3])
        body = (
            f'<section class="hero"><div><h1>{w["hero"]}</h1><p>{w["lead"]}</p>'
            f'<a class="main" href="{self.link("/cars")}">{w["see_all"].format(n=len(cars))}</a>'
            f'<p class="quiet">{w["talk"]}</p></div>'
            f'<a class="stage" href="{self.link("/cars/" + cars[0].slug)}">'
            f"{car_svg(cars[0].body, cars[0].colours[0], escape(cars[0].name), stage=True)}</a></section>"
            f'<h2>{w["chosen"]}</h2><div class="cards">{cards}</div>'
        )
        return self.page("", self.firm.name, body)

    def search(self) -> str:
        """The list with its filters; the script narrows it as one chooses."""
        w, cars = self.words, firm_cars(self.firm)
        fuels = "".join(f'<option value="{f}">{w[f]}</option>' for f in FUELS if any(c.fuel == f for c in cars))
        sites = "".join(f"<option>{escape(site)}</option>" for site in sorted({car.site for car in cars}))
        top = max(car.price for car in cars) // 1000 * 1000 + 1000
        low = min(car.price for car in cars) // 1000 * 1000
        form = (
            f'<form class="filters" aria-label="{w["filter"]}">'
            f'<label>{w["fuel"]}<select name="fuel"><option value="">{w["all"]}</option>{fuels}</select></label>'
            f'<label>{w["site"]}<select name="site"><option value="">{w["all_sites"]}</option>{sites}</select></label>'
            f"<label>{w['price_max']} <output>{money(top, self.firm, self.language)}</output>"
            f'<input type="range" name="price" min="{low}" max="{top}" step="500" value="{top}"></label></form>'
        )
        cards = "".join(self._card(car) for car in cars)
        found = w["found"].format(n=len(cars))
        body = (
            f'<h1>{w["used"]}</h1>{form}<p class="found" role="status" data-words="{w["found"]}" '
            f'data-none="{escape(w["none"])}">{found}</p><div class="cards" id="cars">{cards}</div>'
        )
        return self.page("/cars", f"{w['used']} - {self.firm.name}", body)

    def car(self, car: Car) -> str:
        """One car."""
        w, price = self.words, money(car.price, self.firm, self.language)
        a_month = f"<b>{money(car.monthly, self.firm, self.language)}</b>"
        colours = "".join(
            f'<button class="swatch" data-colour="{colour}" aria-pressed="{"true" if at == 0 else "false"}" '
            f'aria-label="{w["colours"]} {at + 1}">{car_svg(car.body, colour)}</button>'
            for at, colour in enumerate(car.colours)
        )
        others = "".join(self._card(other) for other in firm_cars(self.firm) if other.slug != car.slug)
        body = (
            f'<div class="car" data-parlons-product="{escape(car.name)}" data-parlons-sku="{car.slug}" '
            f'data-parlons-price="{car.price}" data-parlons-currency="{self.firm.currency}">'
            f'<p class="crumb"><a href="{self.link("/cars")}">{w["crumb"]}</a>, {w[car.fuel]}, {escape(car.site)}</p>'
            f'<div class="top"><div><h1>{escape(car.name)}</h1><p class="facts">{facts(car, self.firm, self.language)}</p></div>'
            f'<div class="price"><strong>{price}</strong><span>{w["per_month"].format(price=a_month)}</span></div>'
            f'<a class="main" href="{self.link("/workshop")}">{w["book"]}</a></div>'
            f'<div class="stage" id="stage">{car_svg(car.body, car.colours[0], escape(car.name), stage=True)}</div>'
            f'<div class="swatches" role="group" aria-label="{w["colours"]}">{colours}</div>'
            f'{self._table(car)}<p class="quiet">{w["guarantee"]}</p></div>'
            f'<h2>{w["similar"]}</h2><div class="cards">{others}</div>'
        )
        return self.page(f"/cars/{car.slug}", f"{car.name} - {self.firm.name}", body, self._product(car))

    def financing(self) -> str:
        """The calculator."""
        w, price, down, months = self.words, 23_490, 4_000, 36

        def shown(name: str, value: int) -> str:
            return str(value) if name == "months" else money(value, self.firm, self.language)

        def field(name: str, low: int, high: int, step: int, value: int) -> str:
            return (
                f'<label>{w[name]} <output data-of="{name}">{shown(name, value)}</output>'
                f'<input type="range" name="{name}" min="{low}" max="{high}" step="{step}" value="{value}"></label>'
            )

        body = (
            f'<h1>{w["fin_title"]}</h1><p class="lead">{w["fin_lead"]}</p><form class="loan" data-rate="0.049" '
            f'data-currency="{self.firm.currency}">{field("amount", 8000, 40000, 10, price)}'
            f"{field('down', 0, 15000, 500, down)}{field('months', 12, 72, 6, months)}"
            f'<p class="result" role="status"><span>{w["result"]}</span> '
            f"<strong>{money(monthly(price, down, months), self.firm, self.language)}</strong></p></form>"
            f'<p class="quiet">{w["fin_note"]}</p>'
        )
        return self.page("/financing", f"{w['fin_title']} - {self.firm.name}", body)

    def workshop(self) -> str:
        """The workshop."""
        w = self.words
        rows = "".join(
            f'<tr><th scope="row">{w[name]}</th><td>{money(price, self.firm, self.language)}</td></tr>'
            for name, price in (("revision", 189), ("tyres", 420), ("brakes", 235), ("battery", 29))
        )
        slots = "".join(f"<li>{w[day]}</li>" for day in ("tue", "wed", "thu"))
        body = (
            f'<h1>{w["ws_title"]}</h1><p class="lead">{w["ws_lead"]}</p><div class="two"><section><h2>{w["ws_services"]}</h2>'
            f'<table>{rows}</table></section><section><h2>{w["ws_slots"]}</h2><ul class="slots">{slots}</ul>'
            f'<p class="quiet">{w["hours"]}<br>{escape(self.firm.place)}</p></section></div>'
        )
        return self.page("/workshop", f"{w['ws_title']} - {self.firm.name}", body)

    def page(self, path: str, title: str, body: str, data: str = "") -> str:
        """The frame around every page, with the widget's one line."""
        w, other = self.words, "en" if self.language == "fr" else "fr"
        places = (("/cars", "used"), ("/workshop", "workshop"), ("/financing", "financing"))
        here = ' aria-current="page"'
        nav = "".join(
            f'<a href="{self.link(to)}"{here if path.startswith(to) else ""}>{w[name]}</a>' for to, name in places
        )
        return (
            f'<!doctype html><html lang="{self.language}"><head><meta charset="utf-8">'
            f'<meta name="viewport" content="width=device-width, initial-scale=1"><title>{escape(title)}</title>'
            f'<link rel="icon" href="/shop/static/icon.svg"><link rel="stylesheet" href="/shop/static/shop.css">{data}'
            f'<script src="/shop/static/shop.js" defer></script>'
            f'<script src="/widget.js" data-parlons="{self.firm.slug}" '
            'data-push="/shop/static/parlons-push.js" async></script></head>'
            f'<body class="{self.firm.slug}"><a class="skip" href="#main">{w["skip"]}</a><header>'
            f'<a class="word" href="{self.link("/")}">{self.firm.word}</a><nav>{nav}</nav>'
            f'<a class="lang" lang="{other}" hreflang="{other}" href="{self.link(path or "/", other)}">{w["other"]}</a>'
            f'<span class="phone">{self.firm.phone}</span></header><main id="main">{body}</main>'
            f"<footer>{escape(self.firm.name)} · {escape(self.firm.place)} · {w['hours']}</footer></body></html>"
        )

    def _card(self, car: Car) -> str:
        return (
            f'<a class="card" href="{self.link("/cars/" + car.slug)}" data-fuel="{car.fuel}" data-price="{car.price}" '
            f'data-site="{escape(car.site)}"><span class="pic">{car_svg(car.body, car.colours[0])}</span>'
            f"<b>{escape(car.name)}</b><span>{facts(car, self.firm, self.language)}</span>"
            f"<strong>{money(car.price, self.firm, self.language)}</strong></a>"
        )

    def _table(self, car: Car) -> str:
        w, language = self.words, self.language
        rows = [
            (w["year"], str(car.year)), (w["mileage"], distance(car.km, self.firm, language)),
            (w["fuel"], w[car.fuel]), (w["power"], w["hp"].format(n=car.power)), (w["seats"], str(car.seats)),
            (w["boot"], w["litres"].format(n=number(car.boot, language))),
        ]  # fmt: skip
        if car.range_km is not None:
            rows.append((w["range"], distance(car.range_km, self.firm, language)))
        return "<dl>" + "".join(f"<div><dt>{name}</dt><dd>{value}</dd></div>" for name, value in rows) + "</dl>"

    def _product(self, car: Car) -> str:
        described = {
            "@context": "https://schema.org",
            "@type": "Car",
            "name": car.name,
            "sku": car.slug,
            "offers": {"@type": "Offer", "price": car.price, "priceCurrency": self.firm.currency},
        }
        return f'<script type="application/ld+json">{json.dumps(described).replace("<", chr(92) + "u003c")}</script>'
