//! Parses the rights file.

use std::collections::BTreeMap;

use jackfield_recipe::nearest;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::condition::{Condition, Operator};
use super::error::RightsError;
use super::patterns::Patterns;
use super::principals::PrincipalPattern;
use super::reader::Reader;
use super::rule::{Rule, Targets};

/// The maximum number of bytes of a rights file. The number of rules is limited too, because the first call of each
/// principal evaluates all rules.
const MOST_BYTES: usize = 8 << 20;
const MOST_RULES: usize = 10_000;

const PRINCIPALS: &str =
    "write `*`, `local`, `token:NAME`, `token:*`, `ISSUER#SUBJECT`, `ISSUER#*` or `group:NAME`";
const OPERATORS: [&str; 5] = ["equals", "one_of", "starts_with", "matches", "at_most"];

/// The parsed rights of a connector, with their source text.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct RightsDocument {
    pub(super) text: String,
    pub(super) rules: Vec<Rule>,
}

type Groups = BTreeMap<String, Vec<PrincipalPattern>>;

impl RightsDocument {
    /// Parses the text of a rights file.
    ///
    /// # Errors
    /// Returns an error if a key is unknown, or a value is invalid.
    pub(crate) fn parse(text: &str) -> Result<Self, RightsError> {
        let reader = Reader(text);
        if text.len() > MOST_BYTES {
            let problem = format!("the file has {} bytes (limit {MOST_BYTES})", text.len());
            return Err(reader.refuse(0, problem, "use groups and `*` instead of listing names"));
        }
        let parsed = DeTable::parse(text).map_err(|error| {
            let offset = error.span().map_or(0, |span| span.start);
            reader.refuse(offset, error.message().replace('\n', ", "), "correct the TOML")
        })?;
        let root = parsed.get_ref();
        reader.check_keys(root, &["groups", "rule"])?;
        let groups = match root.get("groups") {
            Some(groups) => self::groups(reader, groups)?,
            None => Groups::new(),
        };
        let rules = match root.get("rule") {
            Some(rules) => self::rules(reader, rules, &groups)?,
            None => Vec::new(),
        };
        if rules.is_empty() {
            let remedy = "write a [[rule]]; `rights remove` allows every call again";
            return Err(reader.refuse(0, "there are no rules, so nobody could call anything", remedy));
        }
        Ok(Self { text: text.to_owned(), rules })
    }

    /// Returns the text as it was written.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// Returns the number of rules.
    pub(crate) fn len(&self) -> usize {
        self.rules.len()
    }

    /// Whether any rule lets a principal approve calls.
    pub(crate) fn has_approver(&self) -> bool {
        self.rules.iter().any(|rule| rule.may_approve)
    }
}

fn groups(reader: Reader<'_>, value: &Spanned<DeValue<'_>>) -> Result<Groups, RightsError> {
    let table = reader.table(value, "write groups as in `readers = [\"token:ci\"]`")?;
    let mut groups = Groups::new();
    for (name, members) in table.iter() {
        let members = reader.texts(members, PRINCIPALS)?.into_iter().map(|(text, offset)| {
            if text.starts_with("group:") {
                let problem = format!("`{text}` is a group, and a group cannot contain groups");
                return Err(reader.refuse(offset, problem, "write the members of that group here"));
            }
            principal(reader, &text, offset)
        });
        groups.insert(name.get_ref().clone().into_owned(), members.collect::<Result<_, _>>()?);
    }
    Ok(groups)
}

fn principal(reader: Reader<'_>, text: &str, offset: usize) -> Result<PrincipalPattern, RightsError> {
    PrincipalPattern::parse(text)
        .ok_or_else(|| reader.refuse(offset, format!("`{text}` is not a principal"), PRINCIPALS))
}

fn rules(
    reader: Reader<'_>,
    value: &Spanned<DeValue<'_>>,
    groups: &Groups,
) -> Result<Vec<Rule>, RightsError> {
    let DeValue::Array(rules) = value.get_ref() else {
        return Err(reader.refuse(value.span().start, "`rule` is not an array of tables", "write [[rule]]"));
    };
    if rules.len() > MOST_RULES {
        let problem = format!("there are {} rules (limit {MOST_RULES})", rules.len());
        return Err(reader.refuse(value.span().start, problem, "use groups"));
    }
    let rules = rules.iter().zip(1..).map(|(rule, number)| self::rule(reader, rule, number, groups));
    rules.collect()
}

fn rule(
    reader: Reader<'_>,
    value: &Spanned<DeValue<'_>>,
    number: usize,
    groups: &Groups,
) -> Result<Rule, RightsError> {
    const KEYS: [&str; 12] = [
        "name",
        "principals",
        "claims",
        "effects",
        "tools",
        "tags",
        "resources",
        "prompts",
        "arguments",
        "when",
        "scopes",
        "rights",
    ];
    let table = reader.table(value, "write [[rule]]")?;
    reader.check_keys(table, &KEYS)?;
    let offset = table.keys().map(|key| key.span().start).min().unwrap_or(value.span().start);
    let name = match table.get("name") {
        Some(name) => reader.text(name, "write a short name for messages")?,
        None => format!("rule {number}"),
    };
    let Some(written) = table.get("principals") else {
        return Err(reader.refuse(offset, format!("{name} has no `principals`"), PRINCIPALS));
    };
    let mut principals = Vec::new();
    for (text, offset) in reader.texts(written, PRINCIPALS)? {
        match text.strip_prefix("group:") {
            None => principals.push(principal(reader, &text, offset)?),
            Some(group) => principals.extend_from_slice(groups.get(group).ok_or_else(|| {
                let remedy = match nearest(group, groups.keys().map(String::as_str)) {
                    Some(near) => format!("did you mean `group:{near}`?"),
                    None => format!("add it to [groups]: {group} = [\"token:ci\"]"),
                };
                reader.refuse(offset, format!("there is no group `{group}`"), remedy)
            })?),
        }
    }
    let claims = claims(reader, table)?;
    let (mut may_approve, mut may_approve_own) = (false, false);
    if let Some(rights) = table.get("rights") {
        const RIGHTS: [&str; 2] = ["approve", "approve-own"];
        for (right, offset) in reader.texts(rights, "write `approve` or `approve-own`")? {
            match right.as_str() {
                "approve" => may_approve = true,
                "approve-own" => may_approve_own = true,
                other => {
                    let near = nearest(other, RIGHTS).unwrap_or("approve");
                    let problem = format!("there is no right `{other}`");
                    return Err(reader.refuse(offset, problem, format!("did you mean `{near}`?")));
                }
            }
        }
    }
    let targets = targets(reader, table, &name, offset)?;
    if targets.is_none() && !may_approve && !may_approve_own {
        let remedy =
            "add `effects = \"read\"`, \"write\" or \"destroy\": the strongest effect that it allows";
        return Err(reader.refuse(offset, format!("{name} has no `effects`"), remedy));
    }
    Ok(Rule { name, principals, claims, targets, may_approve, may_approve_own, offset })
}

/// Parses the claims of access tokens that a rule requires.
fn claims(reader: Reader<'_>, table: &DeTable<'_>) -> Result<Vec<(String, String)>, RightsError> {
    const CLAIMS: &str = "write claims of access tokens, as in `claims = { client_id = \"ci\" }`";
    let Some(written) = table.get("claims") else { return Ok(Vec::new()) };
    let claims = reader.table(written, CLAIMS)?;
    if claims.is_empty() {
        return Err(reader.refuse(written.span().start, "`claims` is empty", CLAIMS));
    }
    let claim = |(name, value): (&Spanned<std::borrow::Cow<'_, str>>, _)| {
        Ok((name.get_ref().to_string(), reader.text(value, CLAIMS)?))
    };
    claims.iter().map(claim).collect()
}

fn targets(
    reader: Reader<'_>,
    table: &DeTable<'_>,
    name: &str,
    offset: usize,
) -> Result<Option<Targets>, RightsError> {
    let Some(effect) = table.get("effects") else {
        let needless = ["tools", "tags", "resources", "prompts", "arguments", "when", "scopes"];
        return match needless.into_iter().find(|key| table.contains_key(*key)) {
            None => Ok(None),
            Some(key) => {
                let problem = format!("{name} has `{key}`, but no `effects`");
                let remedy =
                    "add `effects = \"read\"`, \"write\" or \"destroy\": the strongest effect that it allows";
                Err(reader.refuse(offset, problem, remedy))
            }
        };
    };
    let patterns = |key: &str| -> Result<Option<Patterns>, RightsError> {
        let Some(value) = table.get(key) else { return Ok(None) };
        let remedy =
            "write names such as `list_books`; `*` matches any characters, and `!` begins an exception";
        let patterns = Patterns::of(reader.texts(value, remedy)?);
        match patterns.excepted.iter().find(|(pattern, _)| pattern.is_empty()) {
            Some((_, offset)) => Err(reader.refuse(*offset, "`!` excepts nothing", remedy)),
            None => Ok(Some(patterns)),
        }
    };
    let mut conditions = Vec::new();
    if let Some(arguments) = table.get("arguments") {
        let table =
            reader.table(arguments, "write them as in `arguments = { amount = { at_most = 100 } }`")?;
        for (path, operators) in table.iter() {
            self::conditions(reader, path, operators, &mut conditions)?;
        }
    }
    let mut scopes = Vec::new();
    if let Some(written) = table.get("scopes") {
        for (scope, offset) in reader.texts(written, "write scopes as in `[\"books:write\"]`")? {
            if scope.contains(char::is_whitespace) {
                let remedy = "write each scope as a string of its own";
                return Err(reader.refuse(offset, format!("the scope `{scope}` contains a space"), remedy));
            }
            scopes.push(scope);
        }
    }
    Ok(Some(Targets {
        effect: reader.effect(effect)?,
        tools: patterns("tools")?,
        tags: patterns("tags")?,
        resources: patterns("resources")?,
        prompts: patterns("prompts")?,
        conditions,
        when: table.get("when").map(|when| reader.when(when)).transpose()?,
        scopes,
    }))
}

/// Parses the conditions on one argument.
fn conditions(
    reader: Reader<'_>,
    path: &Spanned<std::borrow::Cow<'_, str>>,
    value: &Spanned<DeValue<'_>>,
    conditions: &mut Vec<Condition>,
) -> Result<(), RightsError> {
    let (offset, written) = (path.span().start, path.get_ref().as_ref());
    let Some(steps) = Condition::parse_path(written) else {
        let remedy = "write it as in \"customer.id\" or \"/customer/id\"";
        return Err(reader.refuse(offset, format!("`{written}` is not a path of an argument"), remedy));
    };
    let operators = reader.table(value, "write it as in `{ at_most = 100 }`")?;
    if operators.is_empty() {
        let remedy = format!("use one of `{}`", OPERATORS.join("`, `"));
        return Err(reader.refuse(offset, format!("`{written}` has no condition"), remedy));
    }
    // `customer.id = …` without quotes is a table in TOML.
    if let Some((step, DeValue::Table(_))) =
        operators.iter().next().map(|(key, it)| (key.get_ref(), it.get_ref()))
        && !OPERATORS.contains(&step.as_ref())
    {
        let remedy = format!("put the path into quotes: \"{written}.{step}\"");
        return Err(reader.refuse(offset, format!("`{step}` is not a condition"), remedy));
    }
    reader.check_keys(operators, &OPERATORS)?;
    for (operator, operand) in operators.iter() {
        let text = || reader.text(operand, "write a string");
        let operator = match operator.get_ref().as_ref() {
            "equals" => Operator::Equals(reader.scalar(operand)?),
            "one_of" => match operand.get_ref() {
                DeValue::Array(values) => Operator::OneOf(
                    values.iter().map(|value| reader.scalar(value)).collect::<Result<_, _>>()?,
                ),
                _ => {
                    let problem = "`one_of` needs an array";
                    return Err(reader.refuse(
                        operand.span().start,
                        problem,
                        "write `one_of = [\"eu\", \"us\"]`",
                    ));
                }
            },
            "starts_with" => Operator::StartsWith(text()?),
            "matches" => Operator::Matches(text()?),
            _ => Operator::AtMost(reader.number(operand, "`at_most` needs a number")?),
        };
        conditions.push(Condition { written: written.to_owned(), path: steps.clone(), operator });
    }
    Ok(())
}
