//! `cargo xtask conformance`: runs the official MCP conformance suite, and clients by other authors, against
//! the servers of `tests/suite_servers`. With `--through gateway`, runs the suite directly and through the gateway.

mod clients;
mod era;
mod expected;
mod names;
mod relay;
mod server;
mod suite;
mod through;

use std::process::{Command, ExitCode, Stdio};

use anstream::println;
use clap::ValueEnum;
use jackfield_testkit::skipped;

use crate::bench::figure::{Bar, Figures};
use crate::failure::Failure;
use crate::place;
use era::Era;
use suite::{Score, Suite};

/// The runs of the suite: the revision, the variant of the server, and how many scored scenarios have to pass.
const RUNS: [(&str, &str, f64); 4] = [
    ("2026-07-28", "full", 37.0),
    ("2026-07-28", "tools", 24.0),
    ("2025-11-25", "full", 30.0),
    ("2025-11-25", "tools", 16.0),
];

/// The expected result of a scenario about tasks on the full server. The suite runs these scenarios with revision
/// 2026-07-28, in which tasks are an extension, and does not score them.
enum TasksScenario {
    Passes,
    /// The scenario does not apply. The text says why.
    DoesNotApply(&'static str),
}

/// The scenarios about tasks.
const TASKS: [(&str, TasksScenario); 10] = [
    ("tasks-lifecycle", TasksScenario::Passes),
    ("tasks-capability-negotiation", TasksScenario::Passes),
    ("tasks-wire-fields", TasksScenario::Passes),
    ("tasks-request-state-removal", TasksScenario::Passes),
    ("tasks-mrtr-input", TasksScenario::Passes),
    ("tasks-request-headers", TasksScenario::Passes),
    ("tasks-dispatch-and-envelope", TasksScenario::Passes),
    (
        "tasks-status-notifications",
        TasksScenario::DoesNotApply(
            "the suite's only check needs a listener on subscriptions/listen; notifications are optional",
        ),
    ),
    ("tasks-required-task-error", TasksScenario::Passes),
    ("tasks-mrtr-composition", TasksScenario::Passes),
];

/// The number of scenarios of revision 2026-07-28 that have to pass on at least one variant of the server.
const EITHER: f64 = 37.0;

#[derive(clap::Args, Debug)]
pub(crate) struct Arguments {
    /// Run the suite directly and through this program, and compare the result of each scenario
    #[arg(long)]
    through: Option<Through>,
    /// The era of the server behind the program [default: each]
    #[arg(long, requires = "through")]
    server: Option<Era>,
    /// The era of the suite [default: each]
    #[arg(long, requires = "through")]
    client: Option<Era>,
}

/// A program between the suite and the server.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Through {
    /// `jackfield-gateway`
    Gateway,
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    let rigs = place::shared().join("rigs");
    let has_node = |program| {
        let run = Command::new(program).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
        run.is_ok_and(|status| status.success())
    };
    if !rigs.join("conformance").is_file() {
        skipped(&format!("the conformance suite: {} does not exist", rigs.display()));
        return Ok(ExitCode::SUCCESS);
    }
    if !has_node("node") || !has_node("npm") || !has_node("python3") {
        skipped("the conformance suite: node, npm or python3 is not installed");
        return Ok(ExitCode::SUCCESS);
    }
    let installed = Command::new(rigs.join("setup")).stdout(Stdio::null()).status();
    if !installed.map_err(Failure::while_("starting setup"))?.success() {
        skipped("the conformance suite: its packages could not be installed");
        return Ok(ExitCode::SUCCESS);
    }
    let suite = Suite::new(&rigs);
    if let Some(Through::Gateway) = arguments.through {
        return through::run(&suite, arguments.client, arguments.server);
    }
    let program = server::build()?;
    let mut figures = Figures::default();
    let mut either = Vec::new();
    for (revision, form, least) in RUNS {
        let server = server::Server::start(&program, form)?;
        let scores = suite.run(server.url(), revision, form)?;
        let scored: Vec<&Score> = scores.iter().filter(|score| score.is_scored).collect();
        let passed: Vec<&Score> = scored.iter().copied().filter(|score| score.problem.is_none()).collect();
        println!("{revision}, {form}: passed {} of {}", passed.len(), scored.len());
        for score in &scores {
            if let Some(problem) = &score.problem {
                let kind = if score.is_scored { "" } else { " (not scored)" };
                println!("  {}{kind}: {problem}", score.scenario);
            }
        }
        figures.print(&format!("conformance.{revision}.{form}"), count(passed.len()), Bar::AtLeast(least));
        if revision == "2026-07-28" {
            either.extend(passed.iter().map(|score| score.scenario.clone()));
            if form == "full" {
                count_tasks(&scores, &mut figures);
            }
        }
    }
    either.sort_unstable();
    either.dedup();
    figures.print("conformance.2026-07-28.either", count(either.len()), Bar::AtLeast(EITHER));
    clients::run(&rigs, &program, &mut figures)?;
    Ok(figures.exit())
}

/// Counts the scenarios about tasks that apply.
fn count_tasks(scores: &[Score], figures: &mut Figures) {
    let applies = TASKS.iter().filter(|(_, expected)| matches!(expected, TasksScenario::Passes));
    let passes = |name: &str| scores.iter().any(|score| score.scenario == name && score.problem.is_none());
    let (all, passed) = (applies.clone().count(), applies.filter(|(name, _)| passes(name)).count());
    println!("2026-07-28, tasks: passed {passed} of {all}");
    for (name, expected) in &TASKS {
        if let TasksScenario::DoesNotApply(reason) = expected {
            println!("  {name} does not apply: {reason}");
        }
    }
    for score in scores.iter().filter(|score| score.scenario.starts_with("tasks-")) {
        if !TASKS.iter().any(|(name, _)| *name == score.scenario) {
            println!("  {} is new: add it to the table of scenarios about tasks", score.scenario);
        }
    }
    figures.print("conformance.2026-07-28.tasks-extension", count(passed), Bar::AtLeast(count(all)));
}

fn count(number: usize) -> f64 {
    u32::try_from(number).map_or(f64::INFINITY, f64::from)
}
