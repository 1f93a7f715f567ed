//! Applies `[arguments]` of connector.toml: arguments and properties that are hidden, fixed, given a default, renamed,
//! narrowed or described (ADR 0059).

mod change;
mod fits;
mod path;
mod rule;

use std::collections::BTreeSet;

use crate::select::{Rules, Selector, Specificity};
use jackfield_model::{ArgName, Connector, Defs, Operation, ToolName, nearest};

pub use fits::ValueCheck;
pub use rule::{ArgumentFault, ArgumentRule};

/// The rules that apply to the arguments of each tool.
#[derive(Debug, Default)]
pub(crate) struct Plan<'r> {
    tables: Option<&'r Rules<Vec<ArgumentRule>>>,
    /// For each tool, the rules that apply to it. Each rule comes with the argument or property to which the path of the rule leads.
    tools: Vec<Vec<Applied>>,
    pub(crate) faults: Vec<ArgumentFault>,
}

/// A rule that applies to a tool.
#[derive(Debug)]
struct Applied {
    table: usize,
    rule: usize,
    argument: ArgName,
    names: Vec<String>,
}

/// Finds the rules for the arguments of each tool, and applies them to schemas and requests. `chosen` contains the
/// tools that each table selects.
pub(crate) fn apply<'r>(
    connector: &mut Connector,
    names: &[ToolName],
    chosen: &[Vec<(usize, Specificity)>],
    tables: &'r Rules<Vec<ArgumentRule>>,
    check: Option<ValueCheck>,
) -> Plan<'r> {
    if tables.is_empty() {
        return Plan::default();
    }
    let mut plan = Plan { tables: Some(tables), ..Plan::default() };
    let mut used = BTreeSet::new();
    let mut overridden = BTreeSet::new();
    let Connector { groups, pool, .. } = connector;
    let operations = groups.iter_mut().flat_map(|group| &mut group.operations);
    for (at, (operation, tool)) in operations.zip(names).enumerate() {
        let mut found: Vec<(Specificity, Applied)> = Vec::new();
        for (table, (_, rules)) in tables.iter().enumerate() {
            // The selected tools are sorted by index.
            let Ok(place) = chosen[table].binary_search_by_key(&at, |(tool, _)| *tool) else { continue };
            let specificity = chosen[table][place].1;
            for (rule, wanted) in rules.iter().enumerate() {
                let Some((argument, names)) = path::find(&operation.args, &pool.send, &wanted.path) else {
                    continue;
                };
                let argument = operation.args[argument].name.clone();
                found.push((specificity, Applied { table, rule, argument, names }));
            }
        }
        // The rules of an argument come before the rules of its properties.
        found.sort_by(|(one, a), (other, b)| (a.names.len(), one).cmp(&(b.names.len(), other)));
        let mut own: Vec<(Specificity, Applied)> = Vec::new();
        for (specificity, applied) in found {
            let is_same = |known: &&(Specificity, Applied)| {
                known.1.argument == applied.argument && known.1.names == applied.names
            };
            match own.iter().find(is_same) {
                Some((known, other)) if *known == specificity => {
                    let others = tables[other.table].0.as_str();
                    plan.fault(
                        &applied,
                        format!("`{others}` has a rule for the same argument of the tool `{tool}`"),
                        format!(
                            "add [arguments.{tool}], which takes precedence, or remove one of the two rules"
                        ),
                    );
                    used.insert((applied.table, applied.rule));
                }
                Some(_) => _ = overridden.insert((applied.table, applied.rule)),
                None => own.push((specificity, applied)),
            }
        }
        for (_, applied) in &own {
            used.insert((applied.table, applied.rule));
            let rule = &tables[applied.table].1[applied.rule];
            let outcome =
                change::apply(operation, &pool.send, rule, &applied.argument, &applied.names, check);
            if let Err((problem, help)) = outcome {
                plan.fault(applied, format!("{problem} (tool `{tool}`)"), help);
            }
        }
        plan.tools.push(own.into_iter().map(|(_, applied)| applied).collect());
    }
    for (table, (selector, rules)) in tables.iter().enumerate() {
        for (rule, wanted) in rules.iter().enumerate().filter(|(rule, _)| !used.contains(&(table, *rule))) {
            if chosen[table].is_empty() {
                continue;
            }
            let (problem, help) = if overridden.contains(&(table, rule)) {
                (
                    "the rule changes nothing: more specific tables have rules for the same arguments"
                        .to_owned(),
                    "remove it".to_owned(),
                )
            } else {
                let operations: Vec<&Operation> = groups.iter().flat_map(|group| &group.operations).collect();
                let own = chosen[table].iter().filter_map(|(tool, _)| operations.get(*tool).copied());
                absent(selector, &wanted.path, own, &pool.send)
            };
            plan.faults.push(ArgumentFault { table, rule, problem, help });
        }
    }
    plan
}

/// Returns the problem of a path that matches no argument, and a remedy that names the most similar path.
fn absent<'o>(
    selector: &Selector,
    path: &str,
    operations: impl Iterator<Item = &'o Operation>,
    pool: &Defs,
) -> (String, String) {
    let mut known = BTreeSet::new();
    for operation in operations {
        for arg in &operation.args {
            known.insert(arg.name.to_string());
            let inner = path::properties(arg.schema.as_value(), pool);
            known.extend(inner.into_iter().map(|name| format!("{}.{name}", arg.name)));
        }
    }
    let help = match nearest(path, known.iter().map(String::as_str)) {
        Some(near) => format!("did you mean `{near}`?"),
        None => "`jackfield inspect` lists the arguments of each tool".to_owned(),
    };
    match selector.names_one() {
        true => (format!("the tool has no argument `{path}`"), help),
        false => (format!("none of the selected tools has the argument `{path}`"), help),
    }
}

impl Plan<'_> {
    fn fault(&mut self, applied: &Applied, problem: String, help: String) {
        self.faults.push(ArgumentFault { table: applied.table, rule: applied.rule, problem, help });
    }

    /// Renames arguments. Pagination is detected earlier, because it is detected by the names in the document.
    pub(crate) fn rename(&mut self, connector: &mut Connector) {
        let Some(tables) = self.tables else { return };
        let operations = connector.groups.iter_mut().flat_map(|group| &mut group.operations);
        for (operation, own) in operations.zip(&mut self.tools) {
            for at in 0..own.len() {
                let Some(to) = &tables[own[at].table].1[own[at].rule].rename else { continue };
                if !own[at].names.is_empty() {
                    continue;
                }
                let from = own[at].argument.clone();
                let fault = change::rename(operation, &from, to);
                if let Err((problem, help)) = fault {
                    self.faults.push(ArgumentFault {
                        table: own[at].table,
                        rule: own[at].rule,
                        problem,
                        help,
                    });
                    continue;
                }
                for applied in own.iter_mut().filter(|applied| applied.argument == from) {
                    applied.argument = to.clone();
                }
            }
        }
    }

    /// Sets the descriptions that the user wrote for arguments. Lean wording has already shortened the descriptions of the document, and
    /// does not shorten these. Returns whether any description changed.
    pub(crate) fn describe(&mut self, connector: &mut Connector) -> bool {
        let Some(tables) = self.tables else { return false };
        let mut unchanged: BTreeSet<(usize, usize)> = BTreeSet::new();
        let mut changed: BTreeSet<(usize, usize)> = BTreeSet::new();
        let Connector { groups, pool, .. } = connector;
        let operations = groups.iter_mut().flat_map(|group| &mut group.operations);
        for (operation, own) in operations.zip(&self.tools) {
            for applied in own {
                let Some(text) = &tables[applied.table].1[applied.rule].describe else { continue };
                let key = (applied.table, applied.rule);
                match change::describe(operation, &pool.send, &applied.argument, &applied.names, text) {
                    true => _ = changed.insert(key),
                    false => _ = unchanged.insert(key),
                }
            }
        }
        for (table, rule) in unchanged.difference(&changed) {
            self.faults.push(ArgumentFault {
                table: *table,
                rule: *rule,
                problem: "`describe` changes nothing: the argument already has this description".to_owned(),
                help: "write another description, or remove `describe`".to_owned(),
            });
        }
        !changed.is_empty()
    }
}
