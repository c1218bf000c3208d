"""Fills an in-memory database with orders, indexes it, runs random queries by customer and one aggregate over all."""

import sqlite3

CUSTOMERS = 500
PRODUCTS = 40


def handler(event, context):
    rows, queries = event["rows"], event["queries"]
    below = numbers(event["seed"])
    database = sqlite3.connect(":memory:", isolation_level=None)
    try:
        fill(database, below, rows)
        selected, cents = selections(database, below, queries)
        products = best_products(database)
    finally:
        database.close()
    return {"rows": rows, "queries": queries, "selected": selected, "cents": cents, "products": products}


def fill(database, below, rows):
    database.execute(
        "CREATE TABLE orders (id INTEGER PRIMARY KEY, customer INTEGER, product TEXT, quantity INTEGER, cents INTEGER)"
    )
    database.execute("BEGIN")
    orders = (
        (order, below(CUSTOMERS), f"product-{below(PRODUCTS)}", below(20) + 1, below(100_000))
        for order in range(1, rows + 1)
    )
    database.executemany("INSERT INTO orders VALUES (?, ?, ?, ?, ?)", orders)
    database.execute("COMMIT")
    database.execute("CREATE INDEX by_customer ON orders (customer)")


def selections(database, below, queries):
    statement = "SELECT quantity, cents FROM orders WHERE customer = ? AND quantity >= ?"
    selected = total = 0
    for _ in range(queries):
        for quantity, cents in database.execute(statement, (below(CUSTOMERS), below(20) + 1)):
            selected += 1
            total += quantity * cents
    return selected, total


def best_products(database):
    rows = database.execute(
        "SELECT product, COUNT(*) AS orders, SUM(quantity * cents) AS cents FROM orders "
        "GROUP BY product ORDER BY cents DESC, product LIMIT 10"
    )
    return [{"product": product, "orders": orders, "cents": cents} for product, orders, cents in rows]


def numbers(seed):
    state = seed

    def below(limit):
        nonlocal state
        state = (state * 1664525 + 1013904223) & 0xFFFFFFFF
        return (state * limit) >> 32

    return below
