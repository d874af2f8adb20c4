"""The cars as drawings: six silhouettes in any colour, plain SVG paths made for these pages."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Shape:
    """A car seen from its side, in a field of 640 x 250 units, driving to the right."""

    body: str
    glass: str
    lines: str
    wheels: tuple[int, int]
    radius: int = 43


SHAPES = {
    "saloon": Shape(
        "M34 184C30 150 40 128 70 122C104 114 132 110 158 104C194 66 238 44 306 42C368 40 410 58 456 104C506 108 548 114 "
        "578 126C602 136 610 156 606 184C604 196 598 200 588 200H50C40 200 36 196 34 184Z",
        "M186 104C216 74 250 60 292 58L302 104ZM318 104L310 58C356 58 388 74 420 104Z",
        "M310 58L318 104L316 186M120 150H520M330 122H352M204 122H226",
        (150, 494),
    ),
    "coupe": Shape(
        "M30 184C28 156 42 136 76 130C120 122 150 120 178 112C222 78 270 60 334 60C396 60 440 82 480 116C526 118 562 122 "
        "588 134C608 144 612 160 608 184C606 196 600 200 590 200H46C36 200 32 196 30 184Z",
        "M214 112C246 88 284 76 330 75L340 112ZM356 112L347 75C384 77 412 92 440 112Z",
        "M348 76L356 112L350 188M120 156H526M372 128H394",
        (146, 498), 45,
    ),
    "hatch": Shape(
        "M66 186C60 140 66 96 96 72C126 50 190 42 262 42C332 42 380 64 428 108C480 112 524 118 554 132C576 142 582 160 "
        "578 186C576 197 570 200 560 200H82C72 200 67 196 66 186Z",
        "M112 104C116 80 138 64 186 60L190 104ZM206 104L202 59C222 58 244 57 264 58L274 104Z"
        "M290 104L281 59C322 63 352 78 388 104Z",
        "M276 58L284 104L282 188M198 59L200 186M120 150H520M300 124H322M214 124H236",
        (160, 470),
    ),
    "city": Shape(
        "M120 186C112 130 124 84 156 62C186 44 240 38 298 40C362 42 400 66 436 112C474 116 500 124 516 138C530 150 532 166 "
        "530 186C529 197 522 200 512 200H138C128 200 122 196 120 186Z",
        "M164 106C168 80 188 66 232 60L240 106ZM258 106L250 58C308 54 350 70 390 106Z",
        "M246 58L254 106L252 188M160 152H480M272 126H294",
        (200, 448), 41,
    ),
    "suv": Shape(
        "M44 180C38 138 44 84 74 60C104 40 190 32 280 32C350 32 394 54 440 98C496 104 544 110 576 124C602 136 608 152 604 "
        "180C602 194 596 198 586 198H62C50 198 45 192 44 180Z",
        "M88 98C92 70 116 54 168 50L172 98ZM190 98L186 49C218 47 246 47 272 48L284 98ZM302 98L290 49C332 54 362 70 398 98Z",
        "M280 48L294 98L292 186M180 49L182 184M100 148H548M310 118H334M202 118H226",
        (156, 486), 47,
    ),
    "estate": Shape(
        "M32 184C26 148 28 104 52 76C70 56 120 46 200 44C290 42 368 48 424 104C486 108 540 114 572 128C598 138 604 158 600 "
        "184C598 196 592 200 582 200H48C38 200 33 196 32 184Z",
        "M66 102C72 78 92 64 146 60L150 102ZM166 102L162 59C196 57 226 57 252 57L262 102ZM280 102L270 58C314 62 344 76 378 102Z",
        "M262 57L272 102L270 188M156 59L158 186M104 150H520M290 122H312M180 122H202",
        (146, 484),
    ),
    "van": Shape(
        "M36 186V48C36 30 46 22 64 22H380C404 22 420 30 436 48L496 112C540 116 572 124 590 138C602 148 604 164 602 186C601 "
        "197 594 200 584 200H52C42 200 36 196 36 186Z",
        "M398 108V46C408 48 416 54 424 62L466 108ZM330 108V44H382V108Z",
        "M314 24V196M390 44V190M60 140H300M402 128H424M70 22V196",
        (140, 490), 44,
    ),
}  # fmt: skip


def car_svg(body: str, colour: str, name: str = "", *, stage: bool = False) -> str:
    """The drawing; `name` is what it is called for those who do not see it, `stage` puts it into a showroom."""
    shape = SHAPES[body]
    title = f'role="img" aria-label="{name}"' if name else 'aria-hidden="true"'
    box = "-110 -70 860 420" if stage else "-20 0 680 270"
    ground = (
        '<path d="M-110 -70H750V150H-110Z" class="wall"/><path d="M-110 150H750V350H-110Z" class="floor"/>'
        if stage
        else ""
    )
    left, right = shape.wheels
    wheels = "".join(_wheel(x, shape.radius) for x in (left, right))
    arches = "".join(
        f'<circle cx="{x}" cy="198" r="{shape.radius + 7}" fill="#10181b" opacity=".55"/>' for x in (left, right)
    )
    return (
        f'<svg viewBox="{box}" {title}>{ground}'
        f'<ellipse cx="320" cy="238" rx="{(right - left) // 2 + 140}" ry="13" fill="#10181b" opacity=".16"/>'
        f'<path class="paint" d="{shape.body}" fill="{colour}"/>'
        f'<path d="{shape.body}" fill="#fff" opacity=".1" clip-path="inset(0 0 46% 0)"/>'
        f'<path d="{shape.glass}" fill="#cfe2ea"/><path d="{shape.glass}" fill="#10181b" opacity=".12"/>'
        f'<path d="{shape.lines}" fill="none" stroke="#10181b" stroke-opacity=".28" stroke-width="3.5" stroke-linecap="round"/>'
        f"{arches}{wheels}{_lights(shape)}</svg>"
    )


def _wheel(x: int, radius: int) -> str:
    spokes = "".join(
        f'<path d="M{x} 198V{198 - radius + 17}" stroke="#717b80" stroke-width="5" transform="rotate({turn} {x} 198)"/>'
        for turn in range(0, 360, 72)
    )
    return (
        f'<circle cx="{x}" cy="198" r="{radius}" fill="#12191c"/><circle cx="{x}" cy="198" r="{radius - 15}" fill="#c3c9cc"/>'
        f'{spokes}<circle cx="{x}" cy="198" r="9" fill="#12191c"/>'
    )


def _lights(shape: Shape) -> str:
    front = {"van": "M562 140L594 150", "city": "M490 136L518 150", "hatch": "M532 134L566 148"}
    rear = {"van": "M40 120V150", "city": "M126 130L122 152", "hatch": "M72 112L68 140"}
    name = next(key for key, value in SHAPES.items() if value is shape)
    return (
        f'<path d="{front.get(name, "M556 134L594 146")}" stroke="#fdf6dc" stroke-width="9" stroke-linecap="round"/>'
        f'<path d="{rear.get(name, "M44 142L40 162")}" stroke="#c8432f" stroke-width="8" stroke-linecap="round"/>'
    )
