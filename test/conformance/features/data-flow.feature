Feature: Data Flow
  What goes into a task and what comes out of it can be filtered, and need not be an object.

  Scenario: Input Filtering
    Given a workflow with definition:
    """yaml
    document:
      dsl: 1.0.0
      namespace: conformance
      name: filtered-input
      version: 0.1.0
    do:
      - keepCity:
          input:
            from: .order.address.city
          set:
            city: ${ . }
    """
    And given the workflow input is:
    """yaml
    order:
      address: { city: Porto, street: Rua Nova }
    """
    When the workflow is executed
    Then the workflow should complete with output:
    """yaml
    city: Porto
    """

  Scenario: Output Filtering
    Given a workflow with definition:
    """yaml
    document:
      dsl: 1.0.0
      namespace: conformance
      name: filtered-output
      version: 0.1.0
    do:
      - readBook:
          call: http
          with:
            method: get
            endpoint:
              uri: https://books.example/books/{number}
          output:
            as: .pages
    """
    And given the workflow input is:
    """yaml
    number: 8
    """
    When the workflow is executed
    Then the workflow should complete with output:
    """yaml
    410
    """

  Scenario: Use Non-object Output
    Given a workflow with definition:
    """yaml
    document:
      dsl: 1.0.0
      namespace: conformance
      name: numbers-between-tasks
      version: 0.1.0
    do:
      - first:
          call: http
          with:
            method: get
            endpoint:
              uri: https://books.example/books/{number}
          output:
            as: .pages
      - second:
          call: http
          with:
            method: get
            endpoint:
              uri: https://books.example/books/8
          output:
            as: '{ pages: ($input + .pages) }'
    """
    And given the workflow input is:
    """yaml
    number: 7
    """
    When the workflow is executed
    Then the workflow should complete with output:
    """yaml
    pages: 506
    """
