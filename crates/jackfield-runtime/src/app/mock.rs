//! The `mock` command, which serves a mock of the service, or calls every tool against the mock.

use std::path::Path;
use std::process::ExitCode;

use jackfield_mock::Replies;

use super::mock_command::MockCommand;
use super::output::{Failure, print, tell};
use super::start_runtime::start_runtime;
use super::tools;
use crate::auth::LocalSource;
use crate::call::held_rows::ConnectorRows;
use crate::common::environment::Setting;
use crate::common::text::excerpt;
use crate::mock::{MockServer, Served, check, mock_of};

/// The value of all credentials for a mock, because a mock does not check credentials.
const CREDENTIAL: &str = "demo";
/// The maximum number of characters of a reason in the log.
const LONGEST_REASON: usize = 500;

/// Runs the command. `given` contains the replies, unless the command names a file with replies.
pub(super) fn run(
    command: &MockCommand,
    given: Replies,
    local: &LocalSource,
    called: &str,
) -> Result<ExitCode, Failure> {
    let replies = match &command.replies {
        Some(path) => read(path)?,
        None => given,
    };
    let rows = local.rows().clone();
    if command.check {
        let checked = start_runtime()?.block_on(check(rows, replies));
        let checked = checked.map_err(|error| cannot_start(&error, 0))?;
        print(&checked.to_string())?;
        return Ok(if checked.is_passed() { ExitCode::SUCCESS } else { ExitCode::from(1) });
    }
    start_runtime()?.block_on(serve(rows, replies, command.port, local, called))
}

fn read(path: &Path) -> Result<Replies, Failure> {
    let text = std::fs::read_to_string(path)
        .map_err(|error| Failure::usage(format!("{} cannot be read: {error}", path.display())))?;
    Replies::parse(&text).map_err(|error| Failure::usage(format!("{}: {error}", path.display())))
}

fn cannot_start(error: &std::io::Error, port: u16) -> Failure {
    let other = if port == 0 { "" } else { "; choose another port with --port" };
    Failure::failed(format!("the mock cannot be started at 127.0.0.1:{port}: {error}{other}"))
}

async fn serve(
    rows: ConnectorRows,
    replies: Replies,
    port: u16,
    local: &LocalSource,
    called: &str,
) -> Result<ExitCode, Failure> {
    let mock = mock_of(&rows, replies);
    let server = MockServer::start(mock, port, log).await.map_err(|error| cannot_start(&error, port))?;
    print(&introduction(local, called, &server.base_url()))?;
    server.finished().await;
    Ok(ExitCode::SUCCESS)
}

/// Returns a text with the lines to type so that the connector calls the mock.
fn introduction(local: &LocalSource, called: &str, base_url: &str) -> String {
    let connector = local.connector();
    let title = if connector.title.is_empty() { connector.name } else { connector.title };
    let variable = Setting::BaseUrl.variable(connector.name);
    let mut lines = vec![format!("export {variable}={base_url}")];
    for scheme in connector.schemes {
        lines.extend(
            local.variables_of(scheme).iter().map(|variable| format!("export {variable}={CREDENTIAL}")),
        );
    }
    if let Some(tool) = connector.called_tools().next() {
        lines.push(tools::example(connector, tool, called));
    }
    let lines: String = lines.iter().map(|line| format!("  {line}\n")).collect();
    let port = base_url.rsplit(':').next().unwrap_or_default();
    format!(
        "A mock of {title} answers at {base_url} until Ctrl-C. It checks requests, but no credentials.\n\
         In another terminal:\n\n{lines}\nThe same port at the next start: add --port {port}\n"
    )
}

/// Logs an answer as in `GET /books 200 list_books`.
fn log(served: Served) {
    let Served { method, target, answer } = served;
    let tool = answer.tool.as_deref().unwrap_or("-");
    let reason = if answer.is_reply {
        String::new()
    } else {
        excerpt(&String::from_utf8_lossy(&answer.body), LONGEST_REASON)
    };
    tell(format!("{method} {target} {} {tool} {reason}", answer.status).trim_end());
}
