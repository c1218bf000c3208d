Feature: For Task
  A loop names its item, counts from nothing, and hands each iteration's output to the next.

  Scenario: For Task
    Given a workflow with definition:
    """yaml
    document:
      dsl: 1.0.0
      namespace: conformance
      name: every-guest
      version: 0.1.0
    do:
      - greetAll:
          for:
            each: guest
            in: .guests
          do:
            - greet:
                set:
                  seen: '${ { names: (.seen.names + [$guest]), places: (.seen.places + [$index]) } }'
    """
    And given the workflow input is:
    """yaml
    guests: [ Zoe, Ada, Lin ]
    """
    When the workflow is executed
    Then the workflow should complete with output:
    """yaml
    seen:
      names: [ Zoe, Ada, Lin ]
      places: [ 0, 1, 2 ]
    """
