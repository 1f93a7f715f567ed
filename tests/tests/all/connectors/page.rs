//! Checks the README.md of a connector: its table of tools, its worked call and its recipe have to match the connector and
//! its file in `tests/connectors`.

use jackfield_runtime::{Caller, Channel, Service};

use super::data::Data;

/// Returns what is missing or differs.
pub(crate) fn problems(readme: &str, service: &Service, data: &Data, name: &str) -> Vec<String> {
    let mut problems = Vec::new();
    let caller = Caller::local(Channel::Stdio);
    let tools = service.list(&caller);
    let tools = tools.map(|tool| format!("`{}` {}", tool.name, tool.effect.as_str())).collect();
    check(&mut problems, "Tools", tools, rows(section(readme, "Tools")));

    let call = data.worked();
    let worked = vec![
        format!("json\n{}", call.arguments()),
        format!("http\n{}", call.exchange.request().replace("\r\n", "\n").trim_end_matches('\n')),
        format!("http\n{}", call.exchange.reply()),
        format!("text\n{}", call.result()),
    ];
    let one = section(readme, "One call");
    check(&mut problems, "One call", worked, blocks(one));
    let first = one.lines().find(|line| line.contains('`')).unwrap_or_default();
    if !first.contains(&format!("`{}`", call.tool)) {
        problems.push(format!("`## One call` does not begin with `{}`: {first}", call.tool));
    }

    let commands = data.recipe.iter().map(|call| {
        assert!(
            !call.arguments().contains('\''),
            "{}: the arguments contain ', which ends a quoted word in a shell",
            call.tool
        );
        format!("sh\n{name}-mcp call {} '{}'", call.tool, call.arguments())
    });
    let found = blocks(section(readme, "Recipe: ")).into_iter().filter(|block| block.starts_with("sh\n"));
    check(&mut problems, "Recipe", commands.collect(), found.collect());
    if section(readme, "Credentials").trim().is_empty() {
        problems.push("`## Credentials` is missing".to_owned());
    }
    problems
}

/// Adds the first difference between the expected and the actual lines of a section.
fn check(problems: &mut Vec<String>, section: &str, expected: Vec<String>, found: Vec<String>) {
    for at in 0..expected.len().max(found.len()) {
        let (expected, found) = (expected.get(at), found.get(at));
        if expected != found {
            let shown = |text: Option<&String>| text.map_or("(nothing)".to_owned(), String::clone);
            let (expected, found) = (shown(expected), shown(found));
            return problems.push(format!("`## {section}` shows\n{found}\n--- and not\n{expected}"));
        }
    }
}

/// Returns the section whose title begins with this text, or an empty text.
fn section<'r>(readme: &'r str, title: &str) -> &'r str {
    let mut sections = readme.split("\n## ").skip(1);
    let found = sections.find(|it| it.starts_with(title)).and_then(|it| it.split_once('\n'));
    found.map_or("", |(_, text)| text)
}

/// Returns the first and the last column of a table, without its head.
fn rows(section: &str) -> Vec<String> {
    let lines = section.lines().filter(|line| line.starts_with('|')).skip(2);
    let cells = lines.map(|line| line.trim_matches('|').split('|').map(str::trim).collect::<Vec<_>>());
    cells.map(|cells| format!("{} {}", cells[0], cells[cells.len() - 1])).collect()
}

/// Returns the fenced code blocks, each with the word after its fence.
fn blocks(section: &str) -> Vec<String> {
    section.split("```").skip(1).step_by(2).map(|block| block.trim_end_matches('\n').to_owned()).collect()
}
