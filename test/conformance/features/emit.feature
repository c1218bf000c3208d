Feature: Emit Task
  An emitted event is a complete CloudEvent, and the task's output.

  Scenario: Emit Task
    Given a workflow with definition:
    """yaml
    document:
      dsl: 1.0.0
      namespace: conformance
      name: emit-a-departure
      version: 0.1.0
    do:
      - tell:
          emit:
            event:
              with:
                source: https://trains.example
                type: com.example.trains.departed.v1
                data:
                  notice: '${ "\(.train) left \(.station)" }'
    """
    And given the workflow input is:
    """yaml
    train: Night express
    station: Wien
    """
    When the workflow is executed
    Then the workflow should complete
    And the workflow output should have properties 'id', 'specversion', 'time', 'source', 'type', 'data'
    And the workflow output should have a 'source' property with value:
    """yaml
    https://trains.example
    """
    And the workflow output should have a 'type' property with value:
    """yaml
    com.example.trains.departed.v1
    """
    And the workflow output should have a 'data' property with value:
    """yaml
    notice: Night express left Wien
    """
