//! Lists the environment variables that people set to use a connector: credentials, the server, and parameters without a value.

use jackfield_build::model::text::shorten;
use jackfield_build::model::{
    Connector, CredentialField, Location, Scheme, Setting, names_secret, variable_prefix,
};
use jackfield_ship::Variable;

use super::facts::{harmless, visible_text};

/// The maximum number of characters of a description in a form.
const DESCRIPTION: usize = 200;

/// Returns the variables, without duplicates.
pub(super) fn of(connector: &Connector, notes: &mut Vec<String>) -> Vec<Variable> {
    let mut variables = Vec::new();
    for scheme in &connector.schemes {
        let is_used = connector.needs().any(|need| need.scheme == scheme.name);
        let fields = scheme.kind.fields().iter().filter(|_| is_used);
        let described = harmless(&scheme.description, "description of a security scheme", notes);
        variables.extend(fields.filter_map(|field| credential(connector, scheme, *field, &described)));
    }
    variables.extend(server(connector));
    variables.extend(parameters(connector));
    let mut seen = std::collections::BTreeSet::new();
    variables.retain(|variable| seen.insert(variable.name.clone()));
    for variable in &mut variables {
        variable.is_expected |= variable.is_required;
    }
    variables
}

/// Returns a variable that is neither required nor secret.
fn variable(connector: &Connector, name: String, title: String, description: &str) -> Variable {
    let key = name.strip_prefix(&variable_prefix(connector.name.as_str())).unwrap_or(&name);
    Variable {
        key: key.to_lowercase(),
        title: shorten(&visible_text(&title), 80),
        description: shorten(&visible_text(description), DESCRIPTION),
        is_required: false,
        is_expected: false,
        is_secret: false,
        is_file: false,
        default: None,
        choices: Vec::new(),
        name,
    }
}

/// Returns the variable of a credential. Returns None if connector.toml has a value for it, or a command that prints it.
fn credential(
    connector: &Connector,
    scheme: &Scheme,
    field: CredentialField,
    described: &str,
) -> Option<Variable> {
    let has_value = field == CredentialField::ClientId && scheme.client.id.is_some();
    if has_value || scheme.commands.iter().any(|command| command.field == field) {
        return None;
    }
    let is_file = matches!(field, CredentialField::Certificate | CredentialField::CertificateKey);
    let called = match field {
        CredentialField::Token => "Token",
        CredentialField::ApiKey => "API key",
        CredentialField::Username => "User name",
        CredentialField::Password => "Password, if the service wants one",
        CredentialField::ClientId => "OAuth client ID",
        CredentialField::ClientSecret => "OAuth client secret",
        CredentialField::Certificate => "Client certificate (PEM file)",
        CredentialField::CertificateKey => "Key of the client certificate (PEM file)",
    };
    let is_alone = connector.schemes.len() == 1;
    let title = if is_alone { called.to_owned() } else { format!("{called} ({})", scheme.name) };
    let mut name = connector.variable(scheme, field);
    if is_file {
        name.push_str("_FILE");
    }
    let usual = match scheme.kind.is_oauth() {
        true => format!("For `{}`. Empty if you log in with `auth login`.", scheme.name),
        false => format!("For `{}` of the service.", scheme.name),
    };
    let described = if described.is_empty() { &usual } else { described };
    // Basic authentication may need no password, and one file may contain both the client certificate and its key.
    let is_optional = matches!(field, CredentialField::Password | CredentialField::CertificateKey);
    // With OAuth, no variable is needed, because `auth login` stores the tokens.
    let is_usual = !is_optional && !scheme.kind.is_oauth();
    Some(Variable {
        is_required: is_usual && is_needed_by_all(connector, scheme),
        is_expected: is_usual && is_first_choice(connector, scheme),
        is_secret: matches!(
            field,
            CredentialField::Token
                | CredentialField::ApiKey
                | CredentialField::Password
                | CredentialField::ClientSecret
        ),
        is_file,
        ..variable(connector, name, title, described)
    })
}

/// Returns whether every alternative of every operation needs the scheme.
fn is_needed_by_all(connector: &Connector, scheme: &Scheme) -> bool {
    connector.operations().all(|operation| {
        let mut alternatives = operation.security.iter();
        !operation.security.is_empty()
            && alternatives.all(|one| one.needs.iter().any(|need| need.scheme == scheme.name))
    })
}

/// Returns whether at least one tool uses the scheme if the credentials of all alternatives are set.
fn is_first_choice(connector: &Connector, scheme: &Scheme) -> bool {
    let mut tools = connector.operations().filter(|operation| operation.is_tool());
    tools.any(|tool| {
        let first = tool.security.first();
        first.is_some_and(|one| one.needs.iter().any(|need| need.scheme == scheme.name))
    })
}

/// Returns the variables with which users choose the server or set parts of its URL.
fn server(connector: &Connector) -> Vec<Variable> {
    let name = connector.name.as_str();
    let base = |is_required| Variable {
        is_required,
        ..variable(
            connector,
            Setting::BaseUrl.variable(name),
            "URL of the service".to_owned(),
            "The base URL of requests, such as https://api.example.com/v1",
        )
    };
    let Some(first) = connector.servers.first() else { return vec![base(true)] };
    if !first.url.contains("://") {
        return vec![base(true)];
    }
    let mut variables = Vec::new();
    if connector.servers.len() > 1 {
        let chosen = format!("The number or name of a server of the document, instead of {}", first.url);
        variables.push(variable(connector, Setting::Server.variable(name), "Server".to_owned(), &chosen));
    }
    for one in &first.variables {
        let text = format!("The part `{}` of {}", one.name, first.url);
        let title = format!("Server: {}", one.name);
        variables.push(Variable {
            is_required: one.default.is_none(),
            default: one.default.as_deref().map(visible_text),
            choices: one.allowed.iter().map(|choice| visible_text(choice)).collect(),
            ..variable(connector, Setting::server_variable(name, &one.name), title, &text)
        });
    }
    variables
}

/// Returns the variables of settings (headers and query parameters of all requests) that have no value yet.
fn parameters(connector: &Connector) -> impl Iterator<Item = Variable> {
    let open = connector.settings.iter().filter(|setting| setting.value.is_none());
    open.map(|setting| {
        let wire = setting.wire.as_str();
        let place = if setting.location == Location::Query { "query parameter" } else { "header" };
        let name = Setting::parameter_variable(connector.name.as_str(), setting.location, wire);
        let text = format!("The {place} `{wire}` of requests");
        Variable { is_secret: names_secret(wire), ..variable(connector, name, wire.to_owned(), &text) }
    })
}
