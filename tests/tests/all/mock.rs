//! The mock of an API: it accepts what connectors send, and refuses everything else.

use jackfield_build::model::Step;
use jackfield_runtime::{MockCheck, MockOutcome, check_against_mock, recorded_steps};
use jackfield_tests::{
    SPECS, auth_chosen, bookstall, content_shop, decided_shop, job_shop, merged_shop, page_shop, reply_shop,
};

use crate::specs;

/// Calls that a mock cannot answer, and why.
const REFUSED: &[(&str, &str)] = &[
    // The document declares a header of a part that its schema does not have.
    ("body_part_headers.yaml add_whole", "is a header of `pages`, which was not given"),
    // The default value in the document cannot be sent in a header.
    ("names_hostile.yaml list_parameters_in_headers", "contains a line break or control character"),
];

#[test]
fn every_tool_of_the_specs_is_answered_by_its_mock() {
    let mut failures = Vec::new();
    let (mut answered, mut not_called) = (0, 0);
    for spec in SPECS {
        let replies = specs::model(&specs::document(spec.file), spec.name).mock_replies().to_string();
        let check = check_against_mock(spec.connector, &replies).unwrap();
        for call in check.calls() {
            match &call.outcome {
                MockOutcome::Answered => answered += 1,
                MockOutcome::NotCalled(_) => not_called += 1,
                MockOutcome::Failed(reason) => {
                    failures.push((format!("{} {}", spec.file, call.tool), reason.clone()));
                }
            }
        }
    }
    let unexpected: Vec<String> = failures
        .iter()
        .filter(|(tool, reason)| !REFUSED.iter().any(|(known, why)| known == tool && reason.contains(why)))
        .map(|(tool, reason)| format!("{tool}: {reason}"))
        .collect();
    assert!(unexpected.is_empty(), "{} calls failed:\n{}", unexpected.len(), unexpected.join("\n"));
    assert_eq!(failures.len(), REFUSED.len(), "a call of `REFUSED` was answered");
    assert!(answered > 500 && not_called < 10, "{answered} answered, {not_called} not called");
}

#[test]
fn mock_answers_tools_with_rules_pagination_jobs_and_merges() {
    // Replies with the values that the `jq` filters of connector.toml need.
    let replies = r#"{
        "create_order": {"status": 200, "type": "application/json", "body": {"lines": [{"id": 1, "count": 2}]}},
        "list_all_filtered": {"status": 200, "type": "application/json", "body": {"books": [{"id": 1}]}}
    }"#;
    for connector in [
        &auth_chosen::CONNECTOR,
        &bookstall::CONNECTOR,
        &content_shop::CONNECTOR,
        &decided_shop::CONNECTOR,
        &job_shop::CONNECTOR,
        &merged_shop::CONNECTOR,
        &page_shop::CONNECTOR,
        &reply_shop::CONNECTOR,
    ] {
        let check: MockCheck = check_against_mock(connector, replies).unwrap();
        assert!(check.is_passed(), "{}: {check}", connector.name());
        assert!(!check.calls().is_empty(), "{}", connector.name());
    }
}

/// Returns the step with its XML shape as compact JSON: code has spaces between the keys.
fn with_plain_shape(mut step: Step) -> Step {
    if let Step::Xml { shape } | Step::XmlPart { shape, .. } = &mut step {
        *shape = serde_json::from_str::<serde_json::Value>(shape).unwrap().to_string();
    }
    step
}

#[test]
fn steps_recorded_from_generated_code_equal_the_recipe() {
    let mut compared = 0;
    for spec in SPECS {
        let modelled = specs::model(&specs::document(spec.file), spec.name);
        let surface = modelled.surface();
        let recipes = surface.tools().map(|tool| (tool.name.as_str(), tool.operation.recipe.as_slice()));
        for (tool, (name, recipe)) in spec.connector.tools().zip(recipes) {
            assert_eq!(tool.name(), name, "{}", spec.file);
            let recorded: Vec<Step> = recorded_steps(tool);
            let recipe: Vec<Step> = recipe.iter().cloned().map(with_plain_shape).collect();
            let recorded: Vec<Step> = recorded.into_iter().map(with_plain_shape).collect();
            assert_eq!(recorded, recipe, "{} {name}", spec.file);
            compared += recorded.len();
        }
    }
    assert!(compared > 1_000, "{compared} steps");
}

#[test]
fn invalid_mock_replies_are_refused() {
    let error = check_against_mock(&bookstall::CONNECTOR, r#"{"list_books": {"body": {}}}"#).unwrap_err();
    assert!(error.to_string().contains("`list_books` needs a `status`"), "{error}");
}
