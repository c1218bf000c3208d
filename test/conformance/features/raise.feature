Feature: Raise Task
  An error that nobody catches ends the workflow, and says which task it came from.

  Scenario: Raise task with inline error
    Given a workflow with definition:
    """yaml
    document:
      dsl: 1.0.0
      namespace: conformance
      name: empty-shelf
      version: 0.1.0
    do:
      - giveUp:
          raise:
            error:
              type: https://shop.example/errors/sold-out
              status: 410
              title: Sold Out
    """
    When the workflow is executed
    Then the workflow should fault with error:
    """yaml
    type: https://shop.example/errors/sold-out
    status: 410
    title: Sold Out
    instance: /do/0/giveUp
    """
    And giveUp should fault
