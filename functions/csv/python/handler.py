"""Parses a CSV file of orders and calculates on its columns: totals by region, the median price and the longest comment."""

import csv
import io


def handler(event, context):
    regions, prices, longest = {}, [], 0
    for row in csv.DictReader(io.StringIO(event["csv"], newline="")):
        name, price, quantity = row["region"], float(row["price"]), int(row["quantity"])
        region = regions.get(name)
        if region is None:
            region = {"region": name, "orders": 0, "quantity": 0, "revenue": 0, "highestPrice": 0}
            regions[name] = region
        region["orders"] += 1
        region["quantity"] += quantity
        region["revenue"] += quantity * price
        region["highestPrice"] = max(region["highestPrice"], price)
        prices.append(price)
        longest = max(longest, len(row["comment"]))
    prices.sort()
    return {
        "rows": len(prices),
        "regions": [regions[name] for name in sorted(regions)],
        "medianPrice": prices[len(prices) // 2],
        "longestComment": longest,
    }
