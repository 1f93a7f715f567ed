//! `cargo xtask inspect DIR`: lets the official MCP Inspector list the tools of every document of a folder, and check
//! the schemas with `--strict`.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::corpus::documents::{self, Listed, Which};
use crate::failure::Failure;
use crate::place;
use crate::workspace_build::build_debug;

/// The two eras of the MCP protocol: with and without `initialize`.
const ERAS: [&str; 2] = ["legacy", "modern"];
/// The interval between two checks of a process.
const PAUSE: Duration = Duration::from_millis(20);

/// Arguments of `cargo xtask inspect`.
#[derive(clap::Args, Debug)]
pub(crate) struct Arguments {
    /// The folder; if it has a MANIFEST.csv, only the documents listed in it are used
    folder: PathBuf,
    /// Use only documents whose path contains this text
    #[arg(long, value_name = "TEXT", default_value = "")]
    only: String,
    /// The time limit for a document
    #[arg(long, value_name = "S", default_value_t = 120)]
    seconds: u64,
    /// Print the findings
    #[arg(long)]
    findings: bool,
}

/// The Inspector's findings about a list.
#[derive(Debug, Default, PartialEq, Eq)]
struct Verdict {
    tools: Vec<String>,
    /// The number of findings of each severity and rule.
    rules: BTreeMap<(String, String), usize>,
    findings: Vec<String>,
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    let rigs = place::shared().join("rigs");
    let installed = Command::new(rigs.join("setup")).stdout(Stdio::null()).status();
    if !installed.map_err(Failure::while_("starting the program `setup` in ../shared/rigs"))?.success() {
        return Err(Failure::new("the Inspector could not be installed"));
    }
    let program = build_debug("jackfield")?;
    let output = place::target().join("inspect.json");
    let (mut rules, mut tools, mut failed) = (BTreeMap::new(), 0, 0_usize);
    let documents = documents::below(&arguments.folder, Which::Documents)?;
    let documents: Vec<&Listed> = documents.iter().filter(|it| it.path.contains(&arguments.only)).collect();
    for Listed { path, .. } in &documents {
        let document = arguments.folder.join(path);
        let lists = ERAS.map(|era| {
            let mut command = Command::new(rigs.join("inspector"));
            command.args([
                "--protocol-era",
                era,
                "--method",
                "tools/list",
                "--format",
                "json",
                "-q",
                "--strict",
            ]);
            command.arg("--").arg(&program).arg("preview").arg(&document);
            inspected(command, &output, Duration::from_secs(arguments.seconds))
        });
        let problem = match lists {
            [Ok(legacy), Ok(modern)] => {
                tools += modern.tools.len();
                println!("{path}  {}", summary(&modern));
                for (rule, count) in &modern.rules {
                    *rules.entry(rule.clone()).or_insert(0) += count;
                }
                if arguments.findings {
                    modern.findings.iter().for_each(|finding| println!("  {finding}"));
                }
                (legacy.tools != modern.tools)
                    .then(|| "the two protocol eras list different tools".to_owned())
            }
            [Err(why), _] | [_, Err(why)] => Some(why),
        };
        if let Some(problem) = problem {
            println!("{path}  failed: {problem}");
            failed += 1;
        }
    }
    println!();
    for ((severity, rule), count) in &rules {
        println!("{severity}  {rule}  {count}");
    }
    let errors: usize =
        rules.iter().filter(|((severity, _), _)| severity == "error").map(|(_, count)| count).sum();
    println!("{} documents, {tools} tools, {failed} failed, {errors} errors", documents.len());
    Ok(if failed == 0 && errors == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Runs the Inspector for at most `limit`. The output goes to a file, because a list is larger than the buffer of a pipe.
fn inspected(mut command: Command, output: &Path, limit: Duration) -> Result<Verdict, String> {
    let file = File::create(output).map_err(|error| format!("{}: {error}", output.display()))?;
    let child = command.stdin(Stdio::null()).stdout(file).stderr(Stdio::null()).spawn();
    let mut child = child.map_err(|error| format!("the Inspector could not be started: {error}"))?;
    let started = Instant::now();
    let status = loop {
        if let Some(status) = child.try_wait().map_err(|error| error.to_string())? {
            break status;
        }
        if started.elapsed() > limit {
            // Killing the Inspector closes the input of the server, so the server ends too.
            let _ = child.kill();
            let _ = child.wait();
            return Err(format!("still running after {} s", limit.as_secs()));
        }
        std::thread::sleep(PAUSE);
    };
    let text = std::fs::read_to_string(output).map_err(|error| error.to_string())?;
    verdict(&text, status)
}

/// Parses the list and the findings. If there are findings, the Inspector exits with an error, but still prints the list.
fn verdict(text: &str, status: ExitStatus) -> Result<Verdict, String> {
    let answer: Option<Value> = text.lines().next().and_then(|line| serde_json::from_str(line).ok());
    let tools = answer.as_ref().and_then(|answer| answer["result"]["tools"].as_array());
    let (Some(answer), Some(tools)) = (&answer, tools) else {
        return Err(format!("the Inspector printed no list of tools: {status}"));
    };
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let mut verdict =
        Verdict { tools: tools.iter().map(|tool| text(&tool["name"])).collect(), ..Verdict::default() };
    for tool in answer["schemaFindings"].as_array().into_iter().flatten() {
        for finding in tool["findings"].as_array().into_iter().flatten() {
            let rule = (text(&finding["severity"]), text(&finding["rule"]));
            let (name, schema, path) = (&tool["toolName"], text(&finding["schema"]), text(&finding["path"]));
            verdict.findings.push(format!("{} {}: {} {schema} {path}", rule.0, rule.1, text(name)));
            *verdict.rules.entry(rule).or_default() += 1;
        }
    }
    let has_errors = verdict.rules.keys().any(|(severity, _)| severity == "error");
    if !status.success() && !has_errors {
        return Err(format!("the Inspector failed after the list: {status}"));
    }
    Ok(verdict)
}

fn summary(verdict: &Verdict) -> String {
    let of = |wanted: &str| -> usize {
        verdict.rules.iter().filter(|((severity, _), _)| severity == wanted).map(|(_, count)| count).sum()
    };
    format!("{} tools, {} errors, {} warnings", verdict.tools.len(), of("error"), of("warning"))
}

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use std::os::unix::process::ExitStatusExt as _;

    use super::*;

    fn exit(code: i32) -> ExitStatus {
        ExitStatus::from_raw(code << 8)
    }

    #[test]
    fn failed_inspector_without_findings_is_an_error() {
        let found = r#"{"result":{"tools":[{"name":"list_books"}]},"schemaFindings":[{"toolName":"list_books","findings":[
            {"rule":"type-union","severity":"warning","schema":"inputSchema","path":"properties.a"},
            {"rule":"invalid-type","severity":"error","schema":"inputSchema","path":"properties.b"}]}]}"#
            .replace('\n', " ");
        let seen = verdict(&found, exit(1)).unwrap();
        assert_eq!(summary(&seen), "1 tools, 1 errors, 1 warnings");
        assert_eq!(seen.findings[1], "error invalid-type: list_books inputSchema properties.b");
        let clean = r#"{"result":{"tools":[]}}"#;
        assert_eq!(verdict(clean, exit(0)), Ok(Verdict::default()));
        assert!(verdict(clean, exit(1)).is_err(), "a failure without findings is not a clean list");
        assert!(verdict("", exit(0)).is_err(), "no list is not a clean list");
    }

    #[test]
    fn inspector_that_exceeds_the_time_limit_is_stopped() {
        let output = std::env::temp_dir().join(format!("jackfield-inspect-{}", std::process::id()));
        let mut command = Command::new("sleep");
        command.arg("60");
        assert_eq!(inspected(command, &output, Duration::ZERO), Err("still running after 0 s".to_owned()));
        std::fs::remove_file(&output).unwrap();
    }
}
