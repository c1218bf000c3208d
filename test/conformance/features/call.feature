Feature: Call Task
  Calls over HTTP give the content or the whole response. Calls by OpenAPI are refused before anything runs.

  Scenario: Call HTTP With Content Output
    Given a workflow with definition:
    """yaml
    document:
      dsl: 1.0.0
      namespace: conformance
      name: first-of-genre
      version: 0.1.0
    do:
      - findBooks:
          call: http
          with:
            method: get
            endpoint:
              uri: https://books.example/books?genre={genre}
          output:
            as: .[0]
    """
    And given the workflow input is:
    """yaml
    genre: history
    """
    When the workflow is executed
    Then the workflow should complete
    And the workflow output should have properties 'id', 'title', 'pages'
    And the workflow output should have a 'title' property with value:
    """yaml
    Bridges
    """

  Scenario: Call HTTP With Response Output
    Given a workflow with definition:
    """yaml
    document:
      dsl: 1.0.0
      namespace: conformance
      name: whole-response
      version: 0.1.0
    do:
      - readBook:
          call: http
          with:
            method: get
            endpoint:
              uri: https://books.example/books/{number}
            output: response
    """
    And given the workflow input is:
    """yaml
    number: 7
    """
    When the workflow is executed
    Then the workflow should complete
    And the workflow output should have properties 'request', 'request.method', 'request.uri', 'request.headers'
    And the workflow output should have properties 'headers', 'statusCode', 'content'
    And the workflow output should have a 'content' property with value:
    """yaml
    { id: 7, title: Tides, genre: poetry, pages: 96 }
    """

  Scenario: Call HTTP Using Basic Authentication
    Given a workflow with definition:
    """yaml
    document:
      dsl: 1.0.0
      namespace: conformance
      name: basic-authentication
      version: 0.1.0
    do:
      - open:
          call: http
          with:
            method: get
            endpoint:
              uri: https://vault.example/basic-auth/{user}/{secret}
              authentication:
                basic:
                  username: ${ .user }
                  password: ${ .secret }
    """
    And given the workflow input is:
    """yaml
    user: ada
    secret: engine
    """
    When the workflow is executed
    Then the workflow should complete with output:
    """yaml
    { authenticated: true, user: ada }
    """

  Scenario: Call OpenAPI With Content Output
    Given a workflow with definition:
    """yaml
    document:
      dsl: 1.0.0
      namespace: conformance
      name: openapi-content
      version: 0.1.0
    do:
      - listBooks:
          call: openapi
          with:
            document:
              endpoint: https://books.example/openapi.json
            operationId: listBooks
    """
    When the workflow is executed
    Then the workflow should be refused because of /do/0/listBooks

  Scenario: Call OpenAPI With Response Output
    Given a workflow with definition:
    """yaml
    document:
      dsl: 1.0.0
      namespace: conformance
      name: openapi-response
      version: 0.1.0
    do:
      - readBook:
          call: openapi
          with:
            document:
              endpoint: https://books.example/openapi.json
            operationId: readBook
            parameters:
              number: ${ .number }
            output: response
    """
    And given the workflow input is:
    """yaml
    number: 7
    """
    When the workflow is executed
    Then the workflow should be refused because of /do/0/readBook
