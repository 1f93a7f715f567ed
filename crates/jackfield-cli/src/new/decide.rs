//! Makes each decision about a new connector. A decision comes from the command line, from the answer of a person, or from a default.

use jackfield_build::Job;
use jackfield_build::model::text::{shorten, toml_key};
use jackfield_build::model::{Effect, visible_line};

use super::arguments::{Arguments, Effects};
use super::auth_choice::AuthChoice;
use super::draft::Draft;
use super::facts::{Facts, problem_of};
use super::prompter::Prompter;
use super::source::Source;
use crate::Failure;
use crate::inspect::grouped;

/// The maximum number of groups that a question lists.
const GROUPS: usize = 60;
/// The answer that accepts the selection of the catalogue.
const CATALOGUE: &str = "catalogue";
/// The maximum number of characters of a list of names or origins in a line.
const NAMES: usize = 60;
const ORIGINS: usize = 200;

/// Makes all decisions.
///
/// # Errors
/// Returns an error if an option matches nothing, or if the input ends.
pub(super) fn decide(
    arguments: &Arguments,
    source: &Source,
    person: &mut Option<Prompter<'_>>,
) -> Result<(Draft, Facts), Failure> {
    let Source { job, is_listed, suggested, .. } = source;
    let mut draft = source.draft.clone();
    let whole = Facts::of(job, &draft.lines())?;
    if whole.inspection.tools.is_empty() {
        return Err(Failure::Other(format!(
            "no operation of {} can become a tool; `jackfield inspect` says why",
            job.shown_as
        )));
    }
    suggested.check_servers(&whole)?;
    if let Some(person) = person.as_mut() {
        person.say(&introduction(job, &whole))?;
    }
    // A person who just listed the operations wants all of them, so there is no question.
    let mut no_person = None;
    let chooser = if *is_listed { &mut no_person } else { &mut *person };
    let mut facts = include(arguments, source, &mut draft, whole, chooser)?;
    let excluded = exclude(arguments, &facts, chooser)?;
    if !excluded.is_empty() {
        draft.exclude.extend(excluded);
        facts = Facts::of(job, &draft.lines())?;
    }
    draft.asks = asks(arguments, job, &draft, &facts, person)?;
    if let Some(auth) = authentication(arguments, source, &draft, &facts, person)? {
        draft.auth = auth;
        facts = Facts::of(job, &draft.lines())?;
    }
    Ok((draft, facts))
}

fn introduction(job: &Job, facts: &Facts) -> String {
    let title = if facts.title.is_empty() { &facts.name } else { &facts.title };
    let origins: Vec<&str> = facts.inspection.reached.keys().map(String::as_str).collect();
    let origins = match origins.as_slice() {
        [] => "an address that the document does not contain".to_owned(),
        origins => shorten(&origins.join(", "), ORIGINS),
    };
    format!(
        "{}: {}, {} operations as tools, {} tokens (clients send the list with every conversation)\nRequests and logins go to {origins}",
        visible_line(&job.shown_as),
        visible_line(title),
        grouped(facts.inspection.tools.len()),
        grouped(facts.inspection.tokens)
    )
}

/// Returns the selectors of the operations that become tools.
fn include(
    arguments: &Arguments,
    source: &Source,
    draft: &mut Draft,
    whole: Facts,
    person: &mut Option<Prompter<'_>>,
) -> Result<Facts, Failure> {
    let chosen = |draft: &Draft, include: Vec<String>, exclude: Vec<String>| {
        let draft = Draft { include, exclude, ..draft.clone() };
        let facts = Facts::of(&source.job, &draft.lines())?;
        if facts.inspection.tools.is_empty() {
            return Err(Failure::Other("no tool is left".to_owned()));
        }
        Ok((draft, facts))
    };
    let start = if arguments.include.is_empty() { source.suggested.start(&whole) } else { Vec::new() };
    let (new, facts) = if !arguments.include.is_empty() || !arguments.exclude.is_empty() {
        let include = arguments.include.iter().flat_map(|text| named(&whole, text)).chain(start).collect();
        let exclude = arguments.exclude.iter().flat_map(|text| named(&whole, text)).collect();
        // connector.toml does not exist yet, so the message must not contain a position in it.
        chosen(draft, include, exclude).map_err(|failure| Failure::Other(problem_of(&failure)))?
    } else if let Some(person) = person.as_mut().filter(|_| whole.inspection.tools.len() > 1) {
        person.head("Which operations become tools?")?;
        for line in group_lines(&whole) {
            person.say(&line)?;
        }
        if !start.is_empty() {
            person.say(&format!("The operations that the catalogue suggests: {}", start.join(", ")))?;
        }
        let default = if start.is_empty() { "all" } else { CATALOGUE };
        person.ask(
            "Numbers, names or selectors such as `GET /orders*`, separated by commas",
            default,
            |answer| {
                let include = match answer {
                    "all" => Vec::new(),
                    CATALOGUE if !start.is_empty() => start.clone(),
                    answer => selection(&whole, answer)?,
                };
                chosen(draft, include, Vec::new()).map_err(|failure| problem_of(&failure))
            },
        )?
    } else if start.is_empty() {
        return Ok(whole);
    } else {
        chosen(draft, start, Vec::new())?
    };
    *draft = new;
    Ok(facts)
}

/// Returns the selectors of the group called `text`, or else `text` itself as a selector.
fn named(facts: &Facts, text: &str) -> Vec<String> {
    match facts.groups.iter().find(|group| group.name == text) {
        Some(group) => group.selectors.clone(),
        None => vec![text.to_owned()],
    }
}

/// Returns the selectors of an answer. The parts of an answer are numbers of groups, ranges of numbers, names of groups, or selectors.
fn selection(facts: &Facts, answer: &str) -> Result<Vec<String>, String> {
    let mut selectors: Vec<String> = Vec::new();
    let mut add = |selector: String| {
        if !selectors.contains(&selector) {
            selectors.push(selector);
        }
    };
    for part in answer.split(',').map(str::trim).filter(|part| !part.is_empty()) {
        if part.chars().all(|c| c.is_ascii_digit() || matches!(c, '-' | ' ')) {
            for number in part.split_whitespace() {
                let groups = range(number, facts.groups.len())?;
                facts.groups[groups]
                    .iter()
                    .flat_map(|group| group.selectors.iter().cloned())
                    .for_each(&mut add);
            }
        } else {
            named(facts, part).into_iter().for_each(&mut add);
        }
    }
    if selectors.is_empty() { Err("this answer selects no operation".to_owned()) } else { Ok(selectors) }
}

/// Parses a number such as `3`, or a range such as `3-5`, and returns the positions.
fn range(text: &str, count: usize) -> Result<std::ops::Range<usize>, String> {
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    let known = |text: &str| text.parse().ok().filter(|number| (1..=count).contains(number));
    match (known(first), known(last)) {
        (Some(first), Some(last)) if first <= last => Ok(first - 1..last),
        _ => Err(format!("{text} is not one of the numbers 1 to {count}")),
    }
}

/// Returns the lines of the table of groups, with number, tools, tokens, effects and name.
fn group_lines(facts: &Facts) -> Vec<String> {
    let mut lines = vec![format!("{:>4} {:>6} {:>8}  tag or resource", "", "tools", "tokens")];
    for (number, group) in facts.groups.iter().enumerate().take(GROUPS) {
        let count = |effect: &str| {
            let tools = facts.inspection.tools.iter();
            tools.filter(|tool| tool.effect == effect && group.routes.contains(&tool.route)).count()
        };
        let effects = ["read", "write", "destroy"].map(|effect| (count(effect), effect));
        let effects: Vec<String> = effects
            .iter()
            .filter(|(count, _)| *count > 0)
            .map(|(count, effect)| format!("{count} {effect}"))
            .collect();
        lines.push(format!(
            "{:>4} {:>6} {:>8}  {}  ({})",
            number + 1,
            grouped(group.routes.len()),
            grouped(facts.tokens_of(group)),
            visible_line(&group.name),
            effects.join(", ")
        ));
    }
    if facts.groups.len() > GROUPS {
        lines.push(format!("     … and {} more, which you can select by name", facts.groups.len() - GROUPS));
    }
    lines
}

/// Returns the selectors of the operations that are left out because of their effects.
fn exclude(
    arguments: &Arguments,
    facts: &Facts,
    person: &mut Option<Prompter<'_>>,
) -> Result<Vec<String>, Failure> {
    let (reads, writes) = (facts.count(Effect::Read), facts.count(Effect::Write));
    let destroying = facts.tools_that(Effect::Destroy);
    let mut options = vec![(Effects::Read, format!("read only: {}", tools(reads)))];
    if writes > 0 {
        options.push((Effects::Write, format!("read and change: {}", tools(reads + writes))));
    }
    if !destroying.is_empty() {
        let all = tools(reads + writes + destroying.len());
        options.push((
            Effects::Destroy,
            format!("everything: {all}; these destroy something: {}", names(&destroying)),
        ));
    }
    let strongest = match (arguments.effects, person.as_mut()) {
        (Some(effects), _) => effects,
        (None, Some(person)) if options.len() > 1 && reads > 0 => {
            let last = options.len();
            person.choose("What may the tools do?", "A number", &options, last, parse_effects)?
        }
        (None, _) => Effects::Destroy,
    };
    let mut excluded = Vec::new();
    if strongest == Effects::Read && writes > 0 {
        excluded.push("effect:write".to_owned());
    }
    if strongest != Effects::Destroy && !destroying.is_empty() {
        excluded.push("effect:destroy".to_owned());
    }
    let left = match strongest {
        Effects::Read => reads,
        Effects::Write => reads + writes,
        Effects::Destroy => reads + writes + destroying.len(),
    };
    if left == 0 {
        return Err(Failure::Other(format!(
            "no tool is left with --effects {strongest}: the chosen operations all change something"
        )));
    }
    Ok(excluded)
}

fn parse_effects(answer: &str) -> Result<Effects, String> {
    match answer {
        "read" => Ok(Effects::Read),
        "write" => Ok(Effects::Write),
        "destroy" => Ok(Effects::Destroy),
        _ => Err("answer with a number, or with `read`, `write` or `destroy`".to_owned()),
    }
}

/// Returns selectors of tools, each with `always` or `never`. These words say whether calls wait for a person.
fn asks(
    arguments: &Arguments,
    job: &Job,
    draft: &Draft,
    facts: &Facts,
    person: &mut Option<Prompter<'_>>,
) -> Result<Vec<(String, &'static str)>, Failure> {
    let (writes, destroying) = (facts.count(Effect::Write), facts.tools_that(Effect::Destroy));
    let lines = |asks: &[String]| -> Result<Vec<(String, &'static str)>, Failure> {
        let asks = ask_rules(facts, asks)?;
        // Selectors of effects match at least one tool here, so only other selectors are checked.
        if asks.iter().any(|(selector, _)| !selector.starts_with("effect:") && selector != "*") {
            let rules =
                asks.iter().map(|(selector, value)| format!("{} = \"{value}\"\n", toml_key(selector)));
            let checked = format!("{}[ask]\n{}", draft.lines(), rules.collect::<String>());
            Facts::of(job, &checked).map_err(|failure| Failure::Other(problem_of(&failure)))?;
        }
        Ok(asks)
    };
    if !arguments.ask.is_empty() {
        return lines(&arguments.ask);
    }
    let default = if destroying.is_empty() { "auto" } else { "destroy" };
    let Some(person) = person.as_mut().filter(|_| writes + destroying.len() > 0) else {
        return lines(&[default.to_owned()]);
    };
    let mut options = Vec::new();
    if !destroying.is_empty() {
        options.push(("destroy".to_owned(), format!("calls that destroy something: {}", names(&destroying))));
    }
    if writes > 0 {
        options.push(("writes".to_owned(), format!("every change: {}", tools(writes + destroying.len()))));
    }
    let auto = "the default of the server: over HTTP, calls that destroy something; over stdio, the calls for which the client can ask a person";
    options.push(("auto".to_owned(), auto.to_owned()));
    let at = options.iter().position(|(value, _)| value == default).unwrap_or(0);
    person.head("Which calls wait until a person approves them?")?;
    person.options(&options)?;
    person.ask(
        "A number, or numbers and names of tools, separated by commas",
        &(at + 1).to_string(),
        |answer| {
            let parts = answer.split(',').map(str::trim).filter(|part| !part.is_empty());
            let texts: Vec<String> = parts
                .map(|part| match part.parse::<usize>() {
                    Ok(number) => match number.checked_sub(1).and_then(|at| options.get(at)) {
                        Some((value, _)) => Ok(value.clone()),
                        None => Err(format!("{number} is not one of the numbers 1 to {}", options.len())),
                    },
                    Err(_) => Ok(part.to_owned()),
                })
                .collect::<Result<_, String>>()?;
            lines(&texts).map_err(|failure| problem_of(&failure))
        },
    )
}

/// Returns the entries of `[ask]` for words such as `destroy`, and for selectors. Effects that no tool has are left out.
fn ask_rules(facts: &Facts, words: &[String]) -> Result<Vec<(String, &'static str)>, Failure> {
    let (writes, destroying) = (facts.count(Effect::Write) > 0, facts.count(Effect::Destroy) > 0);
    let mut rules = Vec::new();
    let mut add = |selector: &str, value| {
        if !rules.iter().any(|(known, _)| known == selector) {
            rules.push((selector.to_owned(), value));
        }
    };
    for word in words {
        match word.as_str() {
            "auto" if words.len() == 1 => {}
            "never" if words.len() == 1 => add("*", "never"),
            "auto" | "never" => {
                return Err(Failure::Other(format!(
                    "`{word}` applies to every tool, so it cannot be combined with other answers"
                )));
            }
            "destroy" | "writes" => {
                if writes && word == "writes" {
                    add("effect:write", "always");
                }
                if destroying {
                    add("effect:destroy", "always");
                }
            }
            selector => named(facts, selector).iter().for_each(|selector| add(selector, "always")),
        }
    }
    Ok(rules)
}

/// Returns the authentication of requests, if the document does not declare it.
fn authentication(
    arguments: &Arguments,
    source: &Source,
    draft: &Draft,
    facts: &Facts,
    person: &mut Option<Prompter<'_>>,
) -> Result<Option<AuthChoice>, Failure> {
    let declared = &facts.declared;
    if facts.needs_credentials() {
        let schemes = &facts.inspection.authentication.schemes;
        if arguments.auth.is_some() {
            let known: Vec<&str> = schemes.iter().map(|scheme| scheme.name.as_str()).collect();
            return Err(Failure::Other(format!(
                "the document already declares how requests authenticate, with {}: omit --auth",
                known.join(", ")
            )));
        }
        if let Some(person) = person.as_mut() {
            for scheme in schemes {
                let place = scheme.place.as_ref().map(|place| format!(" in {place}")).unwrap_or_default();
                person.say(&format!(
                    "Credential `{}`: {}{}, for {}",
                    visible_line(&scheme.name),
                    scheme.kind,
                    visible_line(&place),
                    tools(scheme.tools)
                ))?;
            }
        }
        return Ok(None);
    }
    let with =
        |auth: &AuthChoice| Facts::of(&source.job, &Draft { auth: auth.clone(), ..draft.clone() }.lines());
    if let Some(text) = arguments.auth.as_ref().or(source.suggested.auth.as_ref()) {
        let auth = AuthChoice::parse(text, declared).map_err(Failure::Other)?;
        with(&auth)?;
        return Ok(Some(auth));
    }
    // There is no question if the document says that its operations need no credential.
    let first = declared.first().map_or(AuthChoice::Bearer, |name| AuthChoice::Declared(name.clone()));
    if !with(&first).is_ok_and(|facts| facts.needs_credentials()) {
        return Ok(None);
    }
    // If several schemes are declared, none of them is an obvious default.
    let default = if declared.len() == 1 { first } else { AuthChoice::Nothing };
    let Some(person) = person.as_mut() else { return Ok(Some(default)) };
    let mut options: Vec<(AuthChoice, String)> = declared
        .iter()
        .map(|name| {
            (
                AuthChoice::Declared(name.clone()),
                format!("{}, which the document declares", visible_line(name)),
            )
        })
        .collect();
    options.push((AuthChoice::Nothing, "without a credential".to_owned()));
    if declared.is_empty() {
        options.push((AuthChoice::Bearer, "a bearer token".to_owned()));
        options.push((AuthChoice::Basic, "a user name and a password (HTTP basic)".to_owned()));
    }
    let at = options.iter().position(|(auth, _)| *auth == default).unwrap_or(0);
    let auth = person.choose(
        "How do requests authenticate? The document does not declare it.",
        "A number, header:NAME or query:NAME",
        &options,
        at + 1,
        |answer| {
            let auth = AuthChoice::parse(answer, declared)?;
            with(&auth).map(|_| auth).map_err(|failure| problem_of(&failure))
        },
    )?;
    Ok(Some(auth))
}

fn tools(count: usize) -> String {
    if count == 1 { "1 tool".to_owned() } else { format!("{} tools", grouped(count)) }
}

fn names(tools: &[&str]) -> String {
    shorten(&tools.join(", "), NAMES)
}
