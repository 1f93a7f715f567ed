//! `cargo xtask tasks DIR`: performs scripted tasks of users through the search surface.
//!
//! For each task, a client searches with the words of the user, requests the description of the right tool, and calls it
//! through the surface tool that the description names. The API is a mock that answers with the examples of the
//! document.

mod searched;
mod task;

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use jackfield_build::o200k;
use jackfield_runtime::{Encoder, Environment};
use serde_json::{Map, Value, json};

use self::searched::Searched;
use self::task::Task;
use crate::bench::figure::{Bar, Figures, median};
use crate::failure::Failure;

/// The maximum median number of tokens of a task, which consists of three calls and their replies.
const MOST_TOKENS: f64 = 3_000.0;
const EXTENSIONS: [&str; 3] = ["json", "yaml", "yml"];

#[derive(clap::Args, Debug)]
pub(crate) struct Arguments {
    /// The folder with the documents: github, stripe, slack and notion
    dir: PathBuf,
    /// A folder with a sentence encoder, to also rank tools by meaning
    #[arg(long, value_name = "FOLDER")]
    encoder: Option<PathBuf>,
    /// Print each task whose tool is not among the hits, or whose call fails, with the replies
    #[arg(long)]
    misses: bool,
}

/// The outcome of a task.
struct Done {
    is_found: bool,
    is_called: bool,
    /// The numbers of tokens of the search, the description and the call.
    tokens: [usize; 3],
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(Failure::while_("starting the runtime"))?;
    let open = |folder: &PathBuf| Encoder::open(folder, &Environment::of_process()).map(Arc::new);
    let encoder =
        arguments.encoder.as_ref().map(open).transpose().map_err(|error| Failure::new(error.to_string()))?;
    let mut figures = Figures::default();
    let mut all = Vec::new();
    for (set, text) in task::SETS {
        let tasks = task::read(set, text)?;
        let file = |extension: &&str| arguments.dir.join(format!("{set}.{extension}"));
        let Some(document) = EXTENSIONS.iter().map(file).find(|path| path.is_file()) else {
            jackfield_testkit::skipped(&format!("{} has no document {set}", arguments.dir.display()));
            continue;
        };
        let done = runtime.block_on(async {
            let searched = Searched::open(&document, encoder.clone()).await?;
            let mut done = Vec::new();
            for task in &tasks {
                done.push(perform(&searched, task, arguments.misses).await?);
            }
            Ok::<_, Failure>(done)
        })?;
        print(&mut figures, &format!(".{set}"), &done, Bar::None);
        all.extend(done);
    }
    print(&mut figures, "", &all, Bar::AtMost(MOST_TOKENS));
    Ok(figures.exit())
}

fn print(figures: &mut Figures, suffix: &str, done: &[Done], bar: Bar) {
    let total = |done: &Done| done.tokens.iter().sum::<usize>();
    let tokens: Vec<usize> = done.iter().map(total).collect();
    let count = |counts: fn(&Done) -> bool| done.iter().filter(|done| counts(done)).count() as f64;
    figures.print(&format!("tasks{suffix}"), done.len() as f64, Bar::None);
    figures.print(&format!("tasks{suffix}.found@5"), count(|done| done.is_found), Bar::None);
    figures.print(&format!("tasks{suffix}.calls_failed"), count(|done| !done.is_called), Bar::AtMost(0.0));
    for (at, part) in ["search", "describe", "call"].into_iter().enumerate() {
        let of_part = done.iter().map(|done| done.tokens[at]).collect();
        figures.print(&format!("tasks{suffix}.{part}_tokens"), median::<usize>(of_part) as f64, Bar::None);
    }
    figures.print(&format!("tasks{suffix}.median_tokens"), median(tokens.clone()) as f64, bar);
    figures.print(&format!("tasks{suffix}.p90_tokens"), p90(tokens) as f64, Bar::None);
}

/// Searches for a tool, reads its description and calls it.
async fn perform(searched: &Searched, task: &Task, tells_misses: bool) -> Result<Done, Failure> {
    let right = searched.tools.get(&(task.method.clone(), task.path.clone()));
    let right = right
        .ok_or_else(|| Failure::new(format!("there is no tool for {} {}", task.method, task.path)))?
        .as_str();
    let found = searched.call("search_tools", object(json!({ "query": task.words }))).await;
    let is_found = found.text.lines().any(|line| line.split('(').next() == Some(right));
    let described = searched.call("describe_tool", object(json!({ "name": right }))).await;
    let call = described.structured["example"]["tool"].as_str().unwrap_or_default().to_owned();
    let called = searched.call(&call, object(json!({ "name": right, "arguments": task.arguments }))).await;
    if tells_misses && !is_found {
        println!("NOT FOUND {right} for: {}\n{}\n", task.words, found.text);
    }
    if tells_misses && !called.is_done {
        println!("FAILED {right} for: {}\n{}\n{}\n", task.words, described.text, called.text);
    }
    let tokens = [&found, &described, &called].map(|reply| o200k().count(&reply.exchange));
    Ok(Done { is_found, is_called: called.is_done, tokens })
}

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(object) => object,
        _ => Map::new(),
    }
}

/// Returns the 90th percentile.
fn p90(mut values: Vec<usize>) -> usize {
    values.sort_unstable();
    let at = (values.len() * 9).div_ceil(10).saturating_sub(1);
    values.get(at).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn bookshop_tasks_find_and_call_their_tools_within_the_token_limit() {
        let document = concat!(env!("CARGO_MANIFEST_DIR"), "/../specs/bookshop.yaml");
        let searched = Searched::open(document.as_ref(), None).await.unwrap();
        let (mut failed, mut tokens) = (Vec::new(), Vec::new());
        for task in task::read("bookshop", task::BOOKSHOP).unwrap() {
            let done = perform(&searched, &task, true).await.unwrap();
            tokens.push(done.tokens.iter().sum::<usize>());
            if !(done.is_found && done.is_called) {
                failed.push(task.words);
            }
        }
        assert_eq!(failed, Vec::<String>::new());
        let tokens = median(tokens);
        assert!((tokens as f64) <= MOST_TOKENS, "{tokens} tokens");
    }

    #[test]
    fn nine_of_ten_values_do_not_exceed_p90() {
        assert_eq!([p90((1..=10).collect()), p90(vec![3]), p90(Vec::new())], [9, 3, 0]);
    }
}
