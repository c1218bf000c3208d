Feature: Composite Task
  Tasks within a task run one after another, each on what the one before made.

  Scenario: Task With Sequential Sub Tasks
    Given a workflow with definition:
    """yaml
    document:
      dsl: 1.0.0
      namespace: conformance
      name: nested-sequence
      version: 0.1.0
    do:
      - breakfast:
          do:
            - boil:
                set:
                  done: '${ .done + ["boiled"] }'
            - toast:
                set:
                  done: '${ .done + ["toasted"] }'
            - serve:
                set:
                  done: '${ .done + ["served"] }'
    """
    When the workflow is executed
    Then the workflow should complete with output:
    """yaml
    done: [ boiled, toasted, served ]
    """
