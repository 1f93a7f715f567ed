//! Lowers one operation.

use jackfield_model::{
    Arg, ArgName, Ask, Caching, Code, Diagnostic, Effect, Input, Location, Method, Operation, Schema, Stated,
    Step, WireName,
};
use serde_json::{Map, Value, json};

use super::choices::BodyChoices;
use super::context::Context;
use super::extension;
use super::idempotency::idempotency_key;
use super::job::stated_job;
use super::names::ArgNames;
use super::paging::stated_paging;
use super::param::{self, Param};
use super::text;
use super::versions::{declares_versions, is_condition};
use super::wording::{self, Wording};
use super::{accept, body, path, reply, server};
use crate::document::Node;

/// Lowers the operation with that method under that key of `paths`, or returns the reason to skip it.
pub(crate) fn lower<'d>(
    key: &str,
    method: &Method,
    item: &Node<'d>,
    node: &Node<'d>,
    chosen: &BodyChoices<'_>,
    context: &mut Context<'d>,
) -> Result<Operation, Box<Diagnostic>> {
    let node = node.resolve().map_err(|dangling| Box::new(dangling.warn("the operation is left out")))?;
    let shell = shell(&node)?;
    small_things(&node, &mut context.diagnostics);
    let template = path::normalize(key);
    if path::has_dot_segment(&template) {
        return Err(Box::new(
            Diagnostic::warning(
                Code::MalformedOperation,
                node.place(),
                format!("the path `{key}` has a segment that is `.` or `..`"),
            )
            .so("the operation is left out: it would address another resource")
            .help("write the path without these segments"),
        ));
    }
    let mut params = param::params(item, &node, context)?;
    let template = settle_query(&template, &mut params, context);
    let template = settle_names(template, &params, context);
    let authorization = params.authorization.take();
    let params = settle_path(&template, params, &node, context)?;
    let mut names = ArgNames::default();
    names.settle(params.iter().filter_map(Settled::called));
    let mut args = Vec::new();
    let mut recipe = Vec::new();
    let (path_params, others): (Vec<_>, Vec<_>) = params.into_iter().partition(|param| param.is_path());
    let idempotency_key = others.iter().find_map(Settled::idempotency_key);
    let takes_versions = others.iter().any(Settled::is_condition);
    for mut param in path_params.into_iter().chain(others) {
        param.settle_empty(&template, method);
        let (arg, step) = param.lower(&mut names, context);
        args.extend(arg);
        recipe.push(step);
    }
    let mut fewest_args = 0;
    let mut of_body = Vec::new();
    let body = body::body(item, &node, chosen, &args, &mut names, context)?.map(|lowered| {
        let demanded = lowered.args.iter().filter(|arg| arg.required).count();
        if lowered.fewest > demanded {
            fewest_args = args.len() + lowered.fewest;
        }
        of_body = lowered.said;
        args.extend(lowered.args);
        recipe.extend(lowered.steps);
        lowered.body
    });
    let security = context.security.requirements(&node, &context.schemes, &mut context.diagnostics);
    context.document.budget.take(security.iter().map(|requirement| 4 + requirement.needs.len()).sum());
    let Wording { title, description, deprecated } = wording::of(&shell, method, key, item, &of_body);
    context.document.budget.copy(title.len() + description.len());
    let tool = extension::stated_tool(&node);
    let title = tool.title.as_deref().map_or(title, wording::title);
    let description = tool.description.as_deref().map_or(description, text::clean);
    context.document.budget.copy(title.len() + description.len());
    let first_sentence = shell.description.as_deref().unwrap_or_default().split(". ").next();
    let stated = Stated {
        path: key.to_owned(),
        tags: tags(&node),
        summary: shell.summary.clone().unwrap_or_default(),
        sentence: first_sentence.unwrap_or_default().to_owned(),
        authorization,
        paging: stated_paging(&node),
        tool,
        has_versions: declares_versions(&node) || takes_versions,
        job: stated_job(&node),
    };
    // A path item that many paths share is copied for each of their operations, which takes steps.
    let of_pages: usize = stated.paging.values.iter().map(|(key, value)| key.len() + value.len()).sum();
    let of_tags: usize = stated.tags.iter().map(String::len).sum();
    let of_links: usize = stated
        .job
        .links
        .iter()
        .map(|link| {
            link.operation.len()
                + link.parameters.iter().map(|(name, text)| name.len() + text.len()).sum::<usize>()
        })
        .sum();
    context.document.budget.copy(
        of_tags + stated.path.len() + stated.summary.len() + stated.sentence.len() + of_pages + of_links,
    );
    Ok(Operation {
        id: shell.operation_id.filter(|id| !id.trim().is_empty()).map(|id| id.as_str().into()),
        method: method.clone(),
        path: template,
        place: node.place(),
        stated,
        title,
        description,
        title_is_said: false,
        deprecated,
        // The strongest effect. jackfield-surface replaces it by the actual effect.
        effect: Effect::Destroy,
        ask: Ask::default(),
        idempotent: method.is_idempotent(),
        idempotency_key,
        paging: None,
        caching: Caching::Off,
        job: None,
        resource: None,
        merged: None,
        because: method.to_string(),
        server: server::own(
            item,
            &node,
            context.origin.as_deref(),
            &context.private,
            &mut context.diagnostics,
        ),
        args,
        reply_fields: None,
        fewest_args,
        presets: Vec::new(),
        recipe,
        body,
        replies: reply::replies(&node, context),
        accepts: accept::accepts(&node, context),
        output: None,
        security,
    })
}

/// Returns the operation as a type of openapiv3, without the parts that are parsed separately.
fn shell(node: &Node<'_>) -> Result<openapiv3::Operation, Box<Diagnostic>> {
    typed(node).map_err(|problem| {
        Box::new(
            Diagnostic::warning(Code::MalformedOperation, node.place(), problem)
                .so("the operation is left out")
                .help("write it as OpenAPI's Operation Object"),
        )
    })
}

fn typed(node: &Node<'_>) -> Result<openapiv3::Operation, String> {
    let Some(map) = node.as_object() else {
        return Err(format!("an operation must be a mapping, not {}", node.kind()));
    };
    let mut skeleton: Map<String, Value> = Map::new();
    for key in ["summary", "description", "operationId"] {
        // In unquoted YAML, a text such as `on` or `1.0` is parsed as a boolean or a number.
        match map.get(key) {
            Some(Value::String(text)) => skeleton.insert(key.to_owned(), text.clone().into()),
            Some(value @ (Value::Number(_) | Value::Bool(_))) => {
                skeleton.insert(key.to_owned(), value.to_string().into())
            }
            _ => None,
        };
    }
    skeleton.insert("deprecated".to_owned(), (map.get("deprecated") == Some(&Value::Bool(true))).into());
    skeleton.insert("responses".to_owned(), json!({}));
    serde_json::from_value(Value::Object(skeleton)).map_err(|error| format!("malformed operation: {error}"))
}

/// Reports keys, such as `summary`, that are ignored because their value has the wrong type.
fn small_things(node: &Node<'_>, diagnostics: &mut Vec<Diagnostic>) {
    type Fits = fn(&Value) -> bool;
    let expected: [(&str, &str, Fits); 6] = [
        ("operationId", "a text", |value| !value.is_object() && !value.is_array()),
        ("summary", "a text", |value| !value.is_object() && !value.is_array()),
        ("description", "a text", |value| !value.is_object() && !value.is_array()),
        ("deprecated", "a boolean", Value::is_boolean),
        ("tags", "a list", Value::is_array),
        ("responses", "a mapping", Value::is_object),
    ];
    for (key, wanted, fits) in expected {
        let Some(child) = node.get(key).filter(|child| !child.value().is_null() && !fits(child.value()))
        else {
            continue;
        };
        diagnostics.push(
            Diagnostic::warning(
                Code::MalformedOperation,
                child.place(),
                format!("`{key}` must be {wanted}, not {}", child.kind()),
            )
            .so("the key is ignored")
            .help("write it as OpenAPI's Operation Object defines it"),
        );
    }
}

/// A parameter of the document, or a path variable that the document does not declare.
enum Settled<'d> {
    Declared(Box<Param<'d>>),
    Guessed(String),
}

impl<'d> Settled<'d> {
    fn is_path(&self) -> bool {
        match self {
            Self::Declared(param) => param.location == Location::Path,
            Self::Guessed(_) => true,
        }
    }

    /// Decides whether a path variable may be empty: the path must still address the same resource.
    fn settle_empty(&mut self, template: &str, method: &Method) {
        if let Self::Declared(param) = self
            && param.location == Location::Path
        {
            let shares = path::shares_segment(template, &param.wire);
            param.may_be_empty(shares, method.is_safe());
        }
    }

    fn idempotency_key(&self) -> Option<WireName> {
        match self {
            Self::Declared(param) => idempotency_key(param),
            Self::Guessed(_) => None,
        }
    }

    /// Whether the parameter is the header of a conditional request, such as `If-None-Match`.
    fn is_condition(&self) -> bool {
        match self {
            Self::Declared(param) => param.location == Location::Header && is_condition(&param.wire),
            Self::Guessed(_) => false,
        }
    }

    fn called(&self) -> Option<(String, &'static str)> {
        match self {
            Self::Declared(param) => param.called(),
            Self::Guessed(wire) => Some((wire.clone(), "path")),
        }
    }

    fn lower(self, names: &mut ArgNames, context: &mut Context<'d>) -> (Option<Arg>, Step) {
        match self {
            Self::Declared(param) => param.lower(names, context),
            Self::Guessed(wire) => {
                let name: ArgName = names.take(&wire, "path");
                let input = Input::arg(name.to_string(), true);
                let schema = Schema::new(json!({ "type": "string", "minLength": 1 }));
                let encoding = jackfield_model::Encoding::SIMPLE;
                (Some(Arg { name, required: true, schema }), Step::Path { wire, input, encoding })
            }
        }
    }
}

/// Compares the query parameters with the query in the path template. Placeholders in that query are removed,
/// because parameters replace them. Parameters for which the template contains a value are removed.
fn settle_query(template: &str, params: &mut param::Params<'_>, context: &mut Context<'_>) -> String {
    let declared = |name: &str| {
        let is_it = |param: &Param<'_>| param.location == Location::Query && param.wire == name;
        params.list.iter().any(is_it)
    };
    let template = path::without_placeholders(template, declared);
    let is_set = |param: &Param<'_>| param.location == Location::Query && path::fixes(&template, &param.wire);
    context.diagnostics.extend(params.list.iter().filter(|param| is_set(param)).map(already_set));
    params.list.retain(|param| !is_set(param));
    template
}

fn already_set(param: &Param<'_>) -> Diagnostic {
    let problem = format!("the query in the path already sets the parameter `{}`", param.wire);
    param
        .warning(Code::IgnoredParameter, problem)
        .so("the parameter is not an argument of the tool, and the value in the path is sent")
        .help("remove the name and value from the query in the path, or remove the parameter")
}

/// Renames the variables of the template to the names of their parameters, if the spellings differ.
fn settle_names(template: String, params: &param::Params<'_>, context: &mut Context<'_>) -> String {
    let of_path = || params.list.iter().filter(|param| param.location == Location::Path);
    let mut settled = template;
    for param in of_path() {
        if path::variables(&settled).contains(&param.wire.as_str()) {
            continue;
        }
        let Some((called, stood)) = path::called(&settled, &param.wire) else { continue };
        let inner = stood.trim_start_matches('{').trim_end_matches('}');
        if of_path().any(|other| other.wire == inner) {
            continue;
        }
        let problem = format!("the path has `{stood}`, but the parameter is called `{}`", param.wire);
        context.diagnostics.push(
            param
                .warning(Code::UndeclaredPathVariable, problem)
                .so("the parameter gives the variable its value")
                .help("spell both in the same way"),
        );
        settled = called;
    }
    settled
}

/// Compares the path parameters with the variables of the template.
fn settle_path<'d>(
    template: &str,
    params: param::Params<'d>,
    node: &Node<'d>,
    context: &mut Context<'d>,
) -> Result<Vec<Settled<'d>>, Box<Diagnostic>> {
    let variables = path::variables(template);
    let mut settled = Vec::new();
    for variable in &variables {
        if params.list.iter().any(|param| param.location == Location::Path && param.wire == *variable) {
            continue;
        }
        if let Some(broken) = params.broken.first() {
            let reason = broken.clone();
            return Err(Box::new(
                reason
                    .so(format!("the operation is left out: this may be the parameter for `{{{variable}}}`")),
            ));
        }
        context.diagnostics.push(
            Diagnostic::warning(
                Code::UndeclaredPathVariable,
                node.place(),
                format!("no parameter declares `{{{variable}}}` of the path"),
            )
            .so("the variable becomes a required string argument")
            .help("declare it under `parameters` with `in: path`"),
        );
        settled.push(Settled::Guessed((*variable).to_owned()));
    }
    context.diagnostics.extend(params.broken);
    let (used, unused): (Vec<_>, Vec<_>) = params
        .list
        .into_iter()
        .partition(|param| param.location != Location::Path || variables.contains(&param.wire.as_str()));
    context.diagnostics.extend(unused.iter().map(|param| {
        let problem = format!("the path has no variable `{{{}}}` for this parameter", param.wire);
        param
            .warning(Code::UnusedPathParameter, problem)
            .so("the parameter is left out")
            .help("put the variable into the path, or remove the parameter")
    }));
    settled.extend(used.into_iter().map(|param| Settled::Declared(Box::new(param))));
    Ok(settled)
}

/// Returns the tags of an operation.
fn tags(node: &Node<'_>) -> Vec<String> {
    let tags = node.get("tags");
    let tags = tags.iter().flat_map(Node::items);
    tags.filter_map(|tag| tag.value().as_str().map(str::to_owned)).collect()
}
