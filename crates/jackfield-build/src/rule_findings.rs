//! Findings about rules of connector.toml that cannot apply.

use std::cell::LazyCell;

use jackfield_model::Diagnostic;
use jackfield_model::text::toml_key;
use jackfield_openapi::Document;
use jackfield_surface::{ArgumentFault, ChosenName, Facts, Known, MergeFault, RuleFault, Table};

use crate::manifest::{Manifest, Refusal, Span};
use crate::merges;

/// Returns findings about rules for tools, about rules for arguments, and about merges.
pub(crate) fn rule_findings(
    manifest: &Manifest,
    document: &Document,
    names: &[ChosenName],
    faults: &[(Table, RuleFault)],
    argument_faults: &[ArgumentFault],
    merge_faults: &[MergeFault],
) -> Vec<Diagnostic> {
    let known = LazyCell::new(|| {
        let candidates = jackfield_openapi::candidates(document);
        let facts: Vec<Facts<'_>> = candidates.iter().map(Facts::of_candidate).collect();
        let known = Known::of(&facts).with_tools(names.iter().map(|known| known.name.as_str()));
        merges::with_merges(known, manifest)
    });
    let mut found: Vec<Diagnostic> =
        faults.iter().map(|(table, fault)| finding(manifest, *table, fault, names, &known)).collect();
    let tables: Vec<&str> = manifest.arguments.tables.selectors().map(|selector| selector.as_str()).collect();
    found.extend(argument_faults.iter().map(|fault| {
        let span = manifest.arguments.spans[fault.table][fault.rule].clone();
        let table = format!("[arguments.{}]", toml_key(tables[fault.table]));
        let path = &manifest.arguments.tables.rules[fault.table].1[fault.rule].path;
        let problem = format!("`{path}` in {table}: {}", fault.problem);
        manifest.refuse(Refusal::new(span, problem, fault.help.clone()))
    }));
    found.extend(merges::findings(manifest, names, merge_faults, &|choice| known.remedy(choice)));
    found
}

fn finding(
    manifest: &Manifest,
    table: Table,
    fault: &RuleFault,
    names: &[ChosenName],
    known: &Known,
) -> Diagnostic {
    let (key, span) = key(manifest, table, fault.rule());
    let word = table.as_str();
    let place = if table == Table::Promote { format!("`{word}`") } else { format!("[{word}]") };
    let refuse = |problem: String, help: String| manifest.refuse(Refusal::new(span.clone(), problem, help));
    match fault {
        RuleFault::Unmatched(_) => {
            let problem = format!("`{key}` in {place} matches no tool");
            let is_text = matches!(table, Table::Rename | Table::Describe | Table::Retitle);
            let own_text = is_text.then(|| merges::own_text(manifest, key)).flatten();
            let remedy = own_text.unwrap_or_else(|| known.remedy(key));
            manifest.unmatched(span.clone(), problem).help(remedy)
        }
        RuleFault::Ambiguous { other, tool, .. } => {
            let (other, _) = self::key(manifest, table, *other);
            let tool = names[*tool].name.as_str();
            let problem = format!("`{other}` and `{key}` in [{word}] both match the tool `{tool}`");
            let own = match table {
                Table::Rate | Table::Replies | Table::Arguments | Table::Jobs | Table::Resources => {
                    format!("[{word}.{}]", toml_key(tool))
                }
                _ => format!("`{} = …` to [{word}]", toml_key(tool)),
            };
            refuse(problem, format!("add {own}: a key with the name of the tool takes precedence"))
        }
        RuleFault::Overridden(_) => refuse(
            format!(
                "`{key}` in [{word}] changes nothing: more specific keys apply to every tool that it matches"
            ),
            "remove it".to_owned(),
        ),
        RuleFault::Unchanged(_) => refuse(
            format!(
                "`{key}` in {place} changes nothing: the tools that it matches are the same without this line"
            ),
            "write another value, or remove this line".to_owned(),
        ),
        RuleFault::Several { tools, .. } => refuse(
            format!("`{key}` in [{word}] matches {tools} tools, but tools cannot have the same name"),
            "write a line for each tool".to_owned(),
        ),
    }
}

/// Returns the key of a rule, and its position.
fn key(manifest: &Manifest, table: Table, rule: usize) -> (&str, &Span) {
    fn of<T>(table: &crate::manifest::RuleTable<T>, rule: usize) -> (&str, &Span) {
        (table.rules[rule].0.as_str(), &table.spans[rule])
    }
    match table {
        Table::Rename => of(&manifest.renames, rule),
        Table::Effect => of(&manifest.effects, rule),
        Table::Describe => of(&manifest.descriptions, rule),
        Table::Retitle => of(&manifest.titles, rule),
        Table::Ask => of(&manifest.asks, rule),
        Table::Rate => of(&manifest.rates.of, rule),
        Table::Replies => of(&manifest.replies.of, rule),
        Table::Arguments => of(&manifest.arguments.tables, rule),
        Table::Resources => of(&manifest.contents.resources, rule),
        Table::Cache => of(&manifest.caches, rule),
        Table::Jobs => of(&manifest.jobs, rule),
        Table::Promote => of(&manifest.promote, rule),
    }
}
