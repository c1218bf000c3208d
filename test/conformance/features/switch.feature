Feature: Switch Task
  The first case that holds says where to go on; without one the task's own directive does.

  Scenario: Switch task with matching case
    Given a workflow with definition:
    """yaml
    document:
      dsl: 1.0.0
      namespace: conformance
      name: way-by-size
      version: 0.1.0
    do:
      - chooseWay:
          switch:
            - letter:
                when: .size == "small"
                then: byPost
            - crate:
                when: .size == "large"
                then: byShip
      - byPost:
          set:
            ways: '${ .ways + ["post"] }'
          then: end
      - byShip:
          set:
            ways: '${ .ways + ["ship"] }'
          then: end
    """
    And given the workflow input is:
    """yaml
    size: large
    """
    When the workflow is executed
    Then the workflow should complete with output:
    """yaml
    ways: [ ship ]
    """
    And chooseWay should run first
    And byShip should run last

  Scenario: Switch task with implicit default case
    Given a workflow with definition:
    """yaml
    document:
      dsl: 1.0.0
      namespace: conformance
      name: way-unknown
      version: 0.1.0
    do:
      - chooseWay:
          switch:
            - letter:
                when: .size == "small"
                then: byPost
          then: end
      - byPost:
          set:
            ways: '${ .ways + ["post"] }'
    """
    And given the workflow input is:
    """yaml
    size: odd
    """
    When the workflow is executed
    Then the workflow should complete with output:
    """yaml
    size: odd
    """
    And chooseWay should run first
    And chooseWay should run last

  Scenario: Switch task with explicit default case
    Given a workflow with definition:
    """yaml
    document:
      dsl: 1.0.0
      namespace: conformance
      name: way-otherwise
      version: 0.1.0
    do:
      - chooseWay:
          switch:
            - letter:
                when: .size == "small"
                then: byPost
            - otherwise:
                then: byHand
      - byPost:
          set:
            ways: '${ .ways + ["post"] }'
      - byHand:
          set:
            ways: '${ .ways + ["hand: " + $input.size] }'
    """
    And given the workflow input is:
    """yaml
    size: odd
    """
    When the workflow is executed
    Then the workflow should complete with output:
    """yaml
    ways: [ "hand: odd" ]
    """
    And chooseWay should run first
    And byHand should run last
