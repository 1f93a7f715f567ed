//! Makes the decisions that turn a finished model into the tools of a connector.

use std::collections::BTreeSet;

use jackfield_model::{Ask, Connector, Diagnostic, Effect, Operation, ToolName};

use crate::arguments::{self, ArgumentFault, ArgumentRule, ValueCheck};
use crate::effect::judge_effects;
use crate::group::group_by_resource;
use crate::jobs::recognise_jobs;
use crate::lean::lean;
use crate::merge::{self, MergeChoice, MergeFault};
use crate::names::{ChosenName, LONGEST, Names, tool_names};
use crate::output::promise_outputs;
use crate::paging::recognise_pages;
use crate::parameters::{self, ConstantArgument, ParameterChoices};
use crate::prune::prune;
use crate::select::{Facts, Resolved, RuleFault, Rules, Selector, Table, resolve};
use crate::tool_facts::tool_facts;

/// The user's choices about tools.
#[derive(Clone, Debug)]
pub struct Choices {
    /// The names in the lock.
    pub names: Names,
    /// The tool names that the user chose.
    pub renames: Rules<ToolName>,
    /// The maximum length of generated names.
    pub longest: usize,
    /// The effects that the user corrected.
    pub effects: Rules<Effect>,
    /// Whether calls of a tool wait for a person's approval.
    pub asks: Rules<Ask>,
    /// The titles and descriptions of `[describe]`.
    pub descriptions: Rules<Description>,
    /// The titles of `[retitle]`.
    pub titles: Rules<String>,
    /// The operations that become one tool.
    pub merges: Vec<MergeChoice>,
    /// The decisions about arguments.
    pub arguments: Rules<Vec<ArgumentRule>>,
    /// The check of values against all keywords of a schema. If it is `None`, only some keywords are checked.
    pub check: Option<ValueCheck>,
    /// Whether descriptions and schemas are shortened.
    pub is_lean: bool,
    /// Whether tools declare output schemas.
    pub outputs: bool,
    /// The choices about parameters of many operations.
    pub parameters: ParameterChoices,
}

impl Default for Choices {
    fn default() -> Self {
        Self {
            names: Names::default(),
            renames: Rules::new(),
            longest: LONGEST,
            effects: Rules::new(),
            asks: Rules::new(),
            descriptions: Rules::new(),
            titles: Rules::new(),
            merges: Vec::new(),
            arguments: Rules::new(),
            check: None,
            is_lean: false,
            outputs: false,
            parameters: ParameterChoices::default(),
        }
    }
}

/// A title and a description that the user wrote for an operation.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Description {
    /// The title, if the user changed it.
    pub title: Option<String>,
    /// The description, if the user changed it.
    pub text: Option<String>,
}

/// A model, with all decisions about its tools applied.
#[derive(Clone, Debug)]
pub struct Decided {
    /// The model.
    pub connector: Connector,
    /// The names of its tools, in the order of its operations.
    pub names: Vec<ChosenName>,
    /// The findings about the decisions.
    pub findings: Vec<Diagnostic>,
    /// The arguments that look constant, although the document declares no value for them.
    pub constants: Vec<ConstantArgument>,
    /// The rules that cannot apply.
    pub faults: Vec<(Table, RuleFault)>,
    /// The merges that are not possible.
    pub merge_faults: Vec<MergeFault>,
    /// The rules about arguments that cannot apply.
    pub argument_faults: Vec<ArgumentFault>,
    /// For each tool, the index of its rule in `[effect]`. If the selector of such a rule is `effect:write`, it means the effect that the
    /// tool has without the rule.
    pub effect_rules: Vec<Option<usize>>,
}

/// Decides everything about the tools of a finished model.
///
/// The order matters:
/// - The user's effects come first, because the detection of pagination and jobs depends on effects.
/// - Parameters become settings next, so that no text is written for them.
/// - Rules about arguments come before pagination and jobs are detected, because hidden and fixed arguments take no
///   part in them.
/// - Pagination is detected by the names in the document, so before arguments are renamed and before lean wording
///   shortens texts.
/// - Output schemas are limited relative to all schemas of the document, so they come before pruning.
/// - Lean wording omits words that names contain, and shares only schemas that are used, so it comes after names and
///   pruning.
/// - The user's texts must not be shortened, so they are set last.
pub fn decide(mut connector: Connector, choices: &Choices) -> Decided {
    group_by_resource(&mut connector);
    judge_effects(&mut connector);
    let mut faults = Faults::default();
    let mut names = chosen_names(&connector, choices, &mut faults);
    let merge_faults = merge::assign(&connector, &mut names, &choices.merges);
    let plain: Vec<ToolName> = names.iter().map(|chosen| chosen.name.clone()).collect();
    let rules = Resolutions::of(&connector, &names, choices, &mut faults);
    set_effects(&mut connector, choices, &rules, &mut faults);
    let settled = parameters::settle(&mut connector, &plain, &choices.parameters);
    let mut plan =
        arguments::apply(&mut connector, &plain, &rules.arguments, &choices.arguments, choices.check);
    recognise_pages(&mut connector);
    plan.rename(&mut connector);
    recognise_jobs(&mut connector, &plain);
    if choices.outputs {
        promise_outputs(&mut connector);
    }
    prune(&mut connector);
    if choices.is_lean {
        lean(&mut connector, &plain);
        prune(&mut connector);
    }
    if plan.describe(&mut connector) {
        prune(&mut connector);
    }
    curate(&mut connector, choices, &rules, &mut faults);
    let parameters::Settled { findings, constants } = settled;
    Decided {
        connector,
        names,
        findings,
        constants,
        faults: faults.0,
        merge_faults,
        argument_faults: plan.faults,
        effect_rules: rules.effects.rules,
    }
}

/// Returns, for each route, the name and the effect that its tool would have.
pub fn draft(mut connector: Connector, choices: &Choices) -> Vec<(String, (ToolName, Effect))> {
    group_by_resource(&mut connector);
    judge_effects(&mut connector);
    let names = chosen_names(&connector, choices, &mut Faults::default());
    let mut tools = tool_facts(&connector, &names);
    let effects = resolve(selectors(&choices.effects), &tools);
    for (tool, rule) in tools.iter_mut().zip(effects.rules) {
        tool.effect = rule.map(|rule| choices.effects[rule].1).or(tool.effect);
    }
    let drafts = tools.iter().zip(&names);
    drafts.filter_map(|(facts, name)| Some((facts.route(), (name.name.clone(), facts.effect?)))).collect()
}

/// The rules that cannot apply, each with its table.
#[derive(Default)]
struct Faults(Vec<(Table, RuleFault)>);

impl Faults {
    fn resolve<T>(&mut self, table: Table, rules: &Rules<T>, tools: &[Facts<'_>]) -> Resolved {
        if rules.is_empty() {
            return Resolved { rules: vec![None; tools.len()], faults: Vec::new() };
        }
        let mut resolved = resolve(selectors(rules), tools);
        self.0.extend(resolved.faults.drain(..).map(|fault| (table, fault)));
        resolved
    }

    /// Reports the rules that apply to tools but change none of them.
    fn unchanged(&mut self, table: Table, resolved: &Resolved, changed: &BTreeSet<usize>) {
        let applied: BTreeSet<usize> = resolved.rules.iter().flatten().copied().collect();
        let idle = applied.difference(changed).map(|rule| (table, RuleFault::Unchanged(*rule)));
        self.0.extend(idle.collect::<Vec<_>>());
    }
}

fn selectors<T>(rules: &Rules<T>) -> impl Iterator<Item = &Selector> {
    rules.iter().map(|(selector, _)| selector)
}

/// Chooses the names of the tools. Keys of `[rename]` may be the names that tools would have without `[rename]`.
fn chosen_names(connector: &Connector, choices: &Choices, faults: &mut Faults) -> Vec<ChosenName> {
    let mut names = choices.names.clone();
    names.stated = connector.operations().filter_map(|it| stated_name(it, choices.longest)).collect();
    let plain = tool_names(connector, &names, choices.longest);
    if choices.renames.is_empty() {
        return plain;
    }
    let tools = tool_facts(connector, &plain);
    let resolved = faults.resolve(Table::Rename, &choices.renames, &tools);
    let mut changed = BTreeSet::new();
    for (rule, (_, name)) in choices.renames.iter().enumerate() {
        let selected: Vec<usize> = resolved.tools(rule).collect();
        if selected.len() > 1 {
            faults.0.push((Table::Rename, RuleFault::Several { rule, tools: selected.len() }));
            changed.insert(rule);
        }
        for tool in selected {
            if plain[tool].name != *name {
                changed.insert(rule);
            }
            names.renames.insert(tools[tool].route(), name.clone());
        }
    }
    faults.unchanged(Table::Rename, &resolved, &changed);
    tool_names(connector, &names, choices.longest)
}

/// Returns the route of an operation, with the tool name that an extension of the document states. Returns None if the extension states no
/// valid name.
fn stated_name(operation: &Operation, longest: usize) -> Option<(String, ToolName)> {
    let name = operation.stated.tool.name.as_ref().filter(|name| name.len() <= longest)?;
    Some((operation.route(), ToolName::new(name.as_str()).ok()?))
}

/// The rules of each table that apply to each tool.
struct Resolutions {
    effects: Resolved,
    asks: Resolved,
    descriptions: Resolved,
    titles: Resolved,
    /// The tools that each table of `[arguments]` chooses.
    arguments: Vec<Vec<(usize, crate::select::Specificity)>>,
}

impl Resolutions {
    /// Finds the rules. A selector such as `effect:read` means the final effect of a tool. In `[effect]`, it means
    /// the effect that the tool has without the rule.
    fn of(connector: &Connector, names: &[ChosenName], choices: &Choices, faults: &mut Faults) -> Self {
        let mut tools = tool_facts(connector, names);
        let effects = faults.resolve(Table::Effect, &choices.effects, &tools);
        for (tool, rule) in tools.iter_mut().zip(&effects.rules) {
            tool.effect = rule.map(|rule| choices.effects[rule].1).or(tool.effect);
        }
        // These texts belong to single operations. The texts of a merged tool are in its own table.
        let single: Vec<Facts<'_>> = tools.iter().map(Facts::single).collect();
        Self {
            effects,
            asks: faults.resolve(Table::Ask, &choices.asks, &tools),
            descriptions: faults.resolve(Table::Describe, &choices.descriptions, &single),
            titles: faults.resolve(Table::Retitle, &choices.titles, &single),
            arguments: selectors(&choices.arguments)
                .enumerate()
                .map(|(table, selector)| {
                    let chosen = selector.chosen(&tools);
                    if chosen.is_empty() {
                        faults.0.push((Table::Arguments, RuleFault::Unmatched(table)));
                    }
                    chosen
                })
                .collect(),
        }
    }
}

/// Applies the user's effects.
fn set_effects(connector: &mut Connector, choices: &Choices, rules: &Resolutions, faults: &mut Faults) {
    let mut changed = BTreeSet::new();
    let operations = connector.groups.iter_mut().flat_map(|group| &mut group.operations);
    for (operation, rule) in operations.zip(&rules.effects.rules) {
        let Some(rule) = *rule else { continue };
        let effect = choices.effects[rule].1;
        if effect != operation.effect {
            changed.insert(rule);
        }
        operation.effect = effect;
        // An operation with the effect `read` is idempotent. For other effects, the HTTP method decides.
        operation.idempotent = effect == Effect::Read || operation.method.is_idempotent();
        operation.because = "connector.toml".to_owned();
    }
    faults.unchanged(Table::Effect, &rules.effects, &changed);
}

/// Applies the user's approvals, titles and descriptions.
fn curate(connector: &mut Connector, choices: &Choices, rules: &Resolutions, faults: &mut Faults) {
    let [mut descriptions, mut titles] = [const { BTreeSet::new() }; 2];
    let operations = connector.groups.iter_mut().flat_map(|group| &mut group.operations);
    for (tool, operation) in operations.enumerate() {
        if let Some(rule) = rules.asks.rules[tool] {
            operation.ask = choices.asks[rule].1;
        }
        if let Some(rule) = rules.descriptions.rules[tool] {
            let said = &choices.descriptions[rule].1;
            if set_title(operation, said.title.as_ref()) {
                descriptions.insert(rule);
            }
            if let Some(text) = said.text.as_ref().filter(|text| **text != operation.description) {
                operation.description.clone_from(text);
                descriptions.insert(rule);
            }
        }
        if let Some(rule) = rules.titles.rules[tool]
            && set_title(operation, Some(&choices.titles[rule].1))
        {
            titles.insert(rule);
        }
    }
    faults.unchanged(Table::Describe, &rules.descriptions, &descriptions);
    faults.unchanged(Table::Retitle, &rules.titles, &titles);
}

/// Sets the title that clients show. Returns whether it changed.
fn set_title(operation: &mut Operation, title: Option<&String>) -> bool {
    let Some(title) = title.filter(|title| operation.title_is_said || **title != operation.title) else {
        return false;
    };
    operation.title.clone_from(title);
    operation.title_is_said = false;
    true
}
