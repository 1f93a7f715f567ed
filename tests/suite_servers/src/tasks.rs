//! Tools that continue as tasks of the extension `io.modelcontextprotocol/tasks`.

use std::time::Duration;

use jackfield_runtime::CallError;
use jackfield_runtime::custom::{Args, Call, CustomTool, Question, ToolResult};
use serde_json::Value;
use tokio::time::sleep;

use crate::content::read;
use crate::inputs::{field, form};

const ANYTHING: &str = r#"{"type":"object"}"#;

pub(crate) fn tools() -> Vec<CustomTool> {
    let tools = vec![
        read("greet", "Greets within the request", |call| async move {
            Ok(ToolResult::text(format!("Hello, {}!", text(&call.args, "name"))))
        }),
        read("slow_compute", "Computes for some seconds", |call| async move {
            let seconds = call.args.get("seconds").and_then(Value::as_u64).unwrap_or_default();
            if seconds > 0 {
                call.context.continue_as_task("computing").await;
                sleep(Duration::from_secs(seconds)).await;
            }
            Ok(ToolResult::text("Computed."))
        }),
        read("failing_job", "Fails, and only as a task", |call| async move {
            call.context.require_task("failing").await?;
            sleep(Duration::from_millis(200)).await;
            Ok(ToolResult::error("The job failed."))
        }),
        read("protocol_error_job", "Needs a client that no client is", |call| async move {
            call.context.continue_as_task("working").await;
            Err(CallError::MissingCapability(jackfield_runtime::Capabilities::default().sampling(true)))
        }),
        read("confirm_delete", "Asks as a task", |call| async move {
            call.context.continue_as_task("waiting for a confirmation").await;
            let form = form("confirm", "boolean");
            let answer = call.context.ask(Question::form("confirm", "Delete the file?", &form)).await?;
            Ok(ToolResult::text(format!("Confirmed: {}", field(&answer, "confirm"))))
        }),
        read("multi_input", "Asks two questions at once as a task", multiple),
        read("test_tool_with_task", "Asks, and then goes on as a task", |call| async move {
            let form = form("name", "string");
            let answer = call.context.ask(Question::form("user_name", "What is your name?", &form)).await?;
            call.context.require_task("greeting").await?;
            Ok(ToolResult::text(format!("Hello, {}!", field(&answer, "name"))))
        }),
    ];
    tools.into_iter().map(|tool| tool.input(ANYTHING)).collect()
}

async fn multiple(call: Call) -> Result<ToolResult, CallError> {
    call.context.continue_as_task("waiting for two answers").await;
    let (first, second) = (form("name", "string"), form("name", "string"));
    let questions =
        [Question::form("first", "First name?", &first), Question::form("second", "Second name?", &second)];
    let answers = call.context.ask_all(&questions).await?;
    let names: Vec<String> = answers.iter().map(|answer| field(answer, "name")).collect();
    Ok(ToolResult::text(names.join(" and ")))
}

fn text(args: &Args, name: &str) -> String {
    args.get(name).and_then(Value::as_str).unwrap_or_default().to_owned()
}
