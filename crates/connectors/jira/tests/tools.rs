//! Calls each tool against a mock of the API. `jackfield gen` makes the mock's replies from the document: tests/replies.json.

use jira_mcp::generated;

#[test]
fn every_tool_is_answered_by_a_mock_of_the_api() -> Result<(), jackfield_runtime::MockError> {
    let replies = include_str!("replies.json");
    let check = jackfield_runtime::check_against_mock(&generated::CONNECTOR, replies)?;
    assert!(check.is_passed(), "{check}");
    Ok(())
}
