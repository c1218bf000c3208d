"""Parses a JSON document of orders, sums them by category, flattens them and writes the result as JSON."""

import hashlib
import json
import math

CATEGORIES = ["tools", "books", "garden", "kitchen", "toys"]
CUSTOMERS = ["Zoë", "Łukasz", "Ada", "Ω-Works", "日本", 'O\\"Neill']


def handler(event, context):
    records, rounds = event["records"], event["rounds"]
    document = document_text(numbers(event["seed"]), records)
    categories, dumped = [], b""
    for _ in range(rounds):
        orders = json.loads(document)["orders"]
        categories = totals(orders)
        flat = sorted(map(flattened, orders), key=lambda order: (-order["cents"], order["id"]))
        result = {"categories": categories, "orders": flat}
        dumped = json.dumps(result, ensure_ascii=False, separators=(",", ":")).encode()
    return {
        "records": records,
        "rounds": rounds,
        "categories": categories,
        "bytes": len(dumped),
        "sha256": hashlib.sha256(dumped).hexdigest(),
    }


def cents_of(order):
    return math.floor(order["price"] * 100 + 0.5)


def flattened(order):
    latitude, longitude = order["address"]["position"]
    return {
        "id": order["id"],
        "customer": order["customer"].upper(),
        "cents": cents_of(order),
        "tags": " ".join(sorted(order["tags"])),
        "city": order["address"]["city"],
        "latitude": latitude,
        "longitude": longitude,
    }


def totals(orders):
    by_category = {}
    for order in orders:
        category = order["category"]
        total = by_category.setdefault(category, {"category": category, "orders": 0, "cents": 0})
        total["orders"] += 1
        total["cents"] += cents_of(order)
    return [by_category[category] for category in sorted(by_category)]


def document_text(below, records):
    orders = []
    for number in range(1, records + 1):
        customer = CUSTOMERS[below(len(CUSTOMERS))]
        category = CATEGORIES[below(len(CATEGORIES))]
        price = f"{below(1000)}.{below(90) + 10}"
        tags = f'["t{below(50)}", "t{below(50)}", "sale"]'
        position = f"[{below(90)}.{below(900) + 100}, -{below(180)}.{below(900) + 100}]"
        orders.append(
            f'{{"id": {number}, "customer": "{customer}", "category": "{category}", "price": {price}, "tags": {tags}, '
            f'"address": {{"city": "City {below(500)}", "position": {position}}}}}'
        )
    return '{"orders": [' + ",\n".join(orders) + "]}"


def numbers(seed):
    state = seed

    def below(limit):
        nonlocal state
        state = (state * 1664525 + 1013904223) & 0xFFFFFFFF
        return (state * limit) >> 32

    return below
