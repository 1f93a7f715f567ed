//! `cargo xtask surface`: counts weaknesses of the tools of every document in a folder.
//!
//! The detectors examine the document and the finished tools. They share only the vocabulary of verbs with the rules that make the tools.
//! If they shared the rules, they would check the rules with the same rules, and always pass.

mod arguments;
mod detect;
mod document;
mod show;
mod source;
mod survey;
mod text;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::ExitCode;

use crate::bench::figure::{Bar, Figures};
use crate::failure::Failure;
pub(crate) use arguments::Arguments;
use document::Document;

/// The file names of the documents whose tokens are reported separately.
const WATCHED: [&str; 6] = ["github", "stripe", "openai", "discord", "slack", "notion"];
/// The name of the token count that has to decrease.
const FALLS: &str = "tokens_notion";
/// The maximum ratio of a count to the same count of an earlier run.
const SHARE: f64 = 0.25;
/// The maximum number of tokens that a model reads first with the search surface: the instructions and the list.
const MOST_FIRST_REQUEST: f64 = 1_500.0;

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    let before = arguments.before.as_deref().map(read_counts).transpose()?;
    let documents = survey::all(&arguments.dir)?;
    for document in &documents {
        if let Some(error) = &document.error {
            eprintln!("{}: {}", document.path, error.lines().next().unwrap_or_default());
        }
    }
    if let Some(path) = &arguments.tools {
        write(path, &show::tools(&documents))?;
    }
    if let Some(path) = &arguments.hits {
        let all = detect::ALL
            .iter()
            .flat_map(|(name, detect)| lines(&documents, *detect).map(move |it| format!("{name}\t{it}\n")));
        write(path, &all.collect::<String>())?;
    }
    if let Some(name) = &arguments.list {
        return list(&documents, name);
    }
    if let Some(count) = arguments.show {
        println!("{}", show::sample(&documents, arguments.seed, count));
        return Ok(ExitCode::SUCCESS);
    }
    let mut counts = BTreeMap::new();
    let mut figures = Figures::default();
    let read = documents.iter().filter(|document| document.error.is_none()).count();
    let tools = documents.iter().map(|document| document.tools.len()).sum::<usize>();
    for (name, value) in [("documents", read), ("tools", tools)] {
        figures.print(name, value as f64, Bar::None);
        counts.insert(name.to_owned(), value);
    }
    let known = |name: &str| Some(*before.as_ref()?.get(name)? as f64);
    for (name, detect) in detect::ALL {
        let value = documents.iter().map(|document| detect(document).len()).sum::<usize>();
        figures.print(name, value as f64, known(name).map_or(Bar::None, |it| Bar::AtMost(it * SHARE)));
        counts.insert(name.to_owned(), value);
    }
    for (name, value) in tokens(&documents) {
        let most = known(&name).map(|it| if name == FALLS { it - 1.0 } else { it });
        figures.print(&name, value as f64, most.map_or(Bar::None, Bar::AtMost));
        counts.insert(name, value);
    }
    let longest = documents.iter().max_by_key(|document| document.first_request);
    if let Some(longest) = longest {
        let most = longest.first_request as f64;
        eprintln!("the first request is longest for {}", longest.path);
        figures.print("first_request max", most, Bar::AtMost(MOST_FIRST_REQUEST));
    }
    if let Some(path) = &arguments.json {
        let text = serde_json::to_string_pretty(&counts).map_err(Failure::while_("printing JSON"))?;
        write(path, &(text + "\n"))?;
    }
    Ok(figures.exit())
}

/// Returns the number of tokens of all lists together, and of each list that is reported separately.
fn tokens(documents: &[Document]) -> Vec<(String, usize)> {
    let total = documents.iter().map(|document| document.tokens).sum();
    let stem = |path: &str| Path::new(path).file_stem().map(|stem| stem.to_string_lossy().into_owned());
    let watched = WATCHED.iter().filter_map(|name| {
        let document = documents.iter().find(|document| stem(&document.path).as_deref() == Some(*name))?;
        Some((format!("tokens_{name}"), document.tokens))
    });
    std::iter::once(("tokens_total".to_owned(), total)).chain(watched).collect()
}

/// Prints the tools that a detector counts.
fn list(documents: &[Document], name: &str) -> Result<ExitCode, Failure> {
    let Some((_, detect)) = detect::ALL.iter().find(|(known, _)| *known == name) else {
        let known: Vec<&str> = detect::ALL.iter().map(|(name, _)| *name).collect();
        return Err(Failure::new(format!("there is no count `{name}`; use one of {}", known.join(", "))));
    };
    lines(documents, *detect).for_each(|line| println!("{line}"));
    Ok(ExitCode::SUCCESS)
}

/// Returns one line for each tool that a detector finds: document, name, route, and the detail that shows the weakness.
fn lines(documents: &[Document], detect: detect::Detector) -> impl Iterator<Item = String> + '_ {
    documents.iter().flat_map(move |document| {
        detect(document).into_iter().map(move |hit| {
            let tool = &document.tools[hit.tool];
            let detail = hit.detail.split_whitespace().collect::<Vec<_>>().join(" ");
            format!("{}\t{}\t{} {}\t{detail}", document.path, tool.name, tool.method, tool.path)
        })
    })
}

fn read_counts(path: &Path) -> Result<BTreeMap<String, usize>, Failure> {
    let text = fs::read_to_string(path).map_err(Failure::while_("reading the counts of the earlier run"))?;
    serde_json::from_str(&text).map_err(Failure::while_("reading the counts of the earlier run"))
}

fn write(path: &Path, text: &str) -> Result<(), Failure> {
    fs::write(path, text).map_err(Failure::while_("writing the file"))
}
