Feature: Branch Task
  Branches of a fork run side by side; where they compete, the first one to end wins.

  Scenario: Fork Task With Competing Concurrent Sub Tasks
    Given a workflow with definition:
    """yaml
    document:
      dsl: 1.0.0
      namespace: conformance
      name: competing-branches
      version: 0.1.0
    do:
      - race:
          fork:
            compete: true
            branches:
              - walk:
                  set:
                    arrived: '${ .arrived + ["on foot"] }'
              - ride:
                  set:
                    arrived: '${ .arrived + ["by bicycle"] }'
              - sail:
                  set:
                    arrived: '${ .arrived + ["by boat"] }'
    """
    When the workflow is executed
    Then the workflow should complete
    And the workflow output should have a 'arrived' property containing 1 items
