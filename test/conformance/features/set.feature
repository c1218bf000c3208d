Feature: Set Task
  What is set replaces what came in, whatever its depth.

  Scenario: Set Task
    Given a workflow with definition:
    """yaml
    document:
      dsl: 1.0.0
      namespace: conformance
      name: parcel
      version: 0.1.0
    do:
      - label:
          set:
            kind: parcel
            box: ${ .order.box }
            to: ${ .order.to }
    """
    And given the workflow input is:
    """yaml
    order:
      box: { width: 30, height: 20 }
      to: { city: Oslo, floor: 3 }
    """
    When the workflow is executed
    Then the workflow should complete with output:
    """yaml
    kind: parcel
    box: { width: 30, height: 20 }
    to: { city: Oslo, floor: 3 }
    """
    And label should complete
