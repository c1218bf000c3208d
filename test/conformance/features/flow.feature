Feature: Flow Directive
  Tasks run in the order in which they stand, unless one says where to go on.

  Scenario: Implicit Sequence Flow
    Given a workflow with definition:
    """yaml
    document:
      dsl: 1.0.0
      namespace: conformance
      name: as-it-stands
      version: 0.1.0
    do:
      - sow:
          set:
            steps: '${ .steps + ["sown"] }'
      - water:
          set:
            steps: '${ .steps + ["watered"] }'
      - reap:
          set:
            steps: '${ .steps + ["reaped"] }'
    """
    When the workflow is executed
    Then the workflow should complete with output:
    """yaml
    steps: [ sown, watered, reaped ]
    """
    And sow should run first
    And water should run after sow
    And water should run before reap
    And reap should run last

  Scenario: Explicit Sequence Flow
    Given a workflow with definition:
    """yaml
    document:
      dsl: 1.0.0
      namespace: conformance
      name: as-it-is-told
      version: 0.1.0
    do:
      - sow:
          set:
            steps: '${ .steps + ["sown"] }'
          then: water
      - reap:
          set:
            steps: '${ .steps + ["reaped"] }'
          then: end
      - water:
          set:
            steps: '${ .steps + ["watered"] }'
          then: reap
    """
    When the workflow is executed
    Then the workflow should complete with output:
    """yaml
    steps: [ sown, watered, reaped ]
    """
    And sow should run first
    And water should run after sow
    And reap should run after water
