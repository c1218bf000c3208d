Feature: Try Task
  An error that fits is handed to the handler under the name that it chose; any other one ends the workflow.

  Scenario: Try Handle Caught Error
    Given a workflow with definition:
    """yaml
    document:
      dsl: 1.0.0
      namespace: conformance
      name: missing-book
      version: 0.1.0
    do:
      - attempt:
          try:
            - readBook:
                call: http
                with:
                  method: get
                  endpoint:
                    uri: https://books.example/books/by-title/{title}
          catch:
            errors:
              with:
                type: https://serverlessworkflow.io/spec/1.0.0/errors/communication
                status: 404
            as: problem
            do:
              - note:
                  set:
                    noted: ${ $problem }
    """
    And given the workflow input is:
    """yaml
    title: Harbours
    """
    When the workflow is executed
    Then the workflow should complete
    And the workflow output should have properties 'noted', 'noted.type', 'noted.status', 'noted.title'
    And the workflow output should have a 'noted.instance' property with value:
    """yaml
    /do/0/attempt/try/0/readBook
    """

  Scenario: Try Raise Uncaught Error
    Given a workflow with definition:
    """yaml
    document:
      dsl: 1.0.0
      namespace: conformance
      name: unexpected-error
      version: 0.1.0
    do:
      - attempt:
          try:
            - readBook:
                call: http
                with:
                  method: get
                  endpoint:
                    uri: https://books.example/books/by-title/{title}
          catch:
            errors:
              with:
                type: https://serverlessworkflow.io/spec/1.0.0/errors/communication
                status: 503
            as: problem
            do:
              - note:
                  set:
                    noted: ${ $problem }
    """
    And given the workflow input is:
    """yaml
    title: Harbours
    """
    When the workflow is executed
    Then the workflow should fault
    And readBook should fault
