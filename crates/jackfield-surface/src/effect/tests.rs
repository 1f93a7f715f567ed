use super::*;

fn words<'o>(path: &'o str, id: &'o str) -> Words<'o> {
    Words { id, path, summary: "", description: "", args: Vec::new(), answers_with_nothing: false }
}

fn effect(method: &str, path: &str, id: &str, summary: &str) -> Effect {
    let method = Method::new(method).expect("a method");
    judge(&method, &Words { summary, ..words(path, id) }, &Siblings::default()).effect
}

/// Judges an operation without a summary.
fn described(method: &str, path: &str, id: &str, description: &str) -> Effect {
    let method = Method::new(method).expect("a method");
    judge(&method, &Words { description, ..words(path, id) }, &Siblings::default()).effect
}

#[test]
fn http_method_decides_the_effect_unless_a_word_indicates_another_effect() {
    assert_eq!(effect("GET", "/books", "listBooks", "List books"), Effect::Read);
    assert_eq!(effect("POST", "/books", "addBook", "Add a book"), Effect::Write);
    assert_eq!(effect("PUT", "/books/{id}", "replaceBook", ""), Effect::Write);
    assert_eq!(effect("DELETE", "/searches", "search", "Search"), Effect::Destroy);
}

#[test]
fn post_that_only_queries_is_a_read() {
    for (path, id, summary) in [
        ("/v1/databases/{id}/query", "post-database-query", "Query a database"),
        ("/v1/search", "post-search", "Search by title"),
        ("/books/search", "searchBooks", ""),
        ("/collections/{name}/points/count", "count_points", "Count points"),
        ("/orgs/{org}/attestations/bulk-list", "orgs/list-attestations-bulk", "List attestations"),
        ("/addresses:lookup", "look", "Lookup places"),
        ("/search", "search", ""),
    ] {
        assert_eq!(effect("POST", path, id, summary), Effect::Read, "{id}");
    }
}

#[test]
fn operation_with_ambiguous_words_is_a_write() {
    for (path, id, summary) in [
        ("/mailing/list", "mailing_list", "Mailing list"),
        ("/projects/{id}/estimate", "project_estimate", "Project estimate"),
        ("/searches", "createSearch", "Create a saved search"),
        ("/books/search", "searchBooks", "Search books and save the query"),
        ("/list/{id}", "listAdd", "List: add a member"),
    ] {
        assert_eq!(effect("POST", path, id, summary), Effect::Write, "{id}");
    }
    assert_eq!(effect("PUT", "/books/search", "searchBooks", "Search books"), Effect::Write);
}

#[test]
fn operation_that_removes_something_is_destructive_with_any_method() {
    for (method, path, id, summary) in [
        ("POST", "/channels/{id}/messages/bulk-delete", "bulk_delete_messages", ""),
        ("POST", "/orders/{id}/cancel", "orders_cancel", "Cancel an order"),
        ("PUT", "/keys/{id}/revoke", "", ""),
        ("PATCH", "/cache", "patchCache", "Purges the cache"),
        ("GET", "/sessions/{id}/delete", "", ""),
        ("GET", "/apps.uninstall", "apps_uninstall", "Uninstalls your app"),
        ("POST", "/conversations.kick", "conversations_kick", ""),
        ("POST", "/guilds/{id}/prune", "prune_guild", ""),
        ("POST", "/guilds/{id}/bulk-ban", "bulk_ban_users_from_guild", ""),
        ("POST", "/sessions/{id}/redact", "", ""),
        ("POST", "/users.session.invalidate", "users_session_invalidate", ""),
        ("POST", "/machines/{id}/destroy_with_disks/retry", "machines_destroy_retryWithDisks", "Retry"),
    ] {
        assert_eq!(effect(method, path, id, summary), Effect::Destroy, "{method} {path}");
    }
    assert_eq!(described("POST", "/members/{id}", "leave", "Removes a member. Read more"), Effect::Destroy);
    assert_eq!(described("POST", "/x/{id}", "", "<p>Redacts a session</p>"), Effect::Destroy);
    assert_eq!(effect("POST", "/deletions", "createDeletion", "Request a deletion"), Effect::Destroy);
    assert_eq!(effect("GET", "/password/reset", "getReset", "Reset form"), Effect::Read);
}

#[test]
fn get_whose_verb_changes_data_is_a_write() {
    for (path, id, sentence) in [
        ("/logout", "logout", ""),
        ("/account/logout", "", ""),
        ("/views.update", "views_update", "Update an existing view."),
        ("/views.publish", "views_publish", ""),
        ("/views.open", "views_open", "<p>Opens a view for a user.</p>"),
        ("/workflows.updateStep", "workflows_updateStep", "Update the configuration of a step."),
        ("/workflows.stepFailed", "workflows_stepFailed", "Indicate that a step failed."),
        ("/pods/{name}/exec", "connectGetPodExec", "connect GET requests to exec of Pod"),
        ("/flows/new", "createFlow", "Get a new flow"),
    ] {
        assert_eq!(effect("GET", path, id, sentence), Effect::Write, "{id} by its summary");
        assert_eq!(described("GET", path, id, sentence), Effect::Write, "{id} by its description");
    }
}

#[test]
fn get_whose_name_has_nouns_spelled_like_verbs_is_a_read() {
    for (path, id, sentence) in [
        ("/updates", "listUpdates", "Update history"),
        ("/updates/history", "updates_history", "Update history"),
        ("/update/deployments", "update_deployments_list", "List all update deployments"),
        ("/invites/{code}", "invite_resolve", ""),
        ("/containers/{id}/archive", "ContainerArchive", "Get an archive of a folder"),
        ("/backups/{id}/restore", "backups_get_status", "Retrieve the status of a restore"),
        ("/cache/cache_reserve_clear", "settings-get-cache-reserve-clear", "Get Cache Reserve Clear"),
        ("/machines/{id}/destroy_with_disks", "machines_list_disks", "List the disks of a machine"),
        ("/watch/replicasets/{name}", "watchReplicaSet", "watch changes to a ReplicaSet"),
        ("/exec/{id}/json", "ExecInspect", "Inspect an exec instance"),
    ] {
        assert_eq!(effect("GET", path, id, sentence), Effect::Read, "{id}");
    }
}

#[test]
fn post_with_a_command_or_sql_argument_is_not_a_read() {
    let (method, path, id) =
        (Method::new("POST").expect("a method"), "/databases/{id}/query", "queryDatabase");
    let words = |args| Words { summary: "Query a database", args, ..words(path, id) };
    assert_eq!(judge(&method, &words(vec!["id", "filter"]), &Siblings::default()).effect, Effect::Read);
    for order in ["sql", "SQL", "statement", "script", "command", "code"] {
        assert_eq!(
            judge(&method, &words(vec!["id", order]), &Siblings::default()).effect,
            Effect::Write,
            "{order}"
        );
    }
}

/// Builds a POST with a path, an operationId, a summary and a description.
fn post(path: &str, id: &str, summary: &str, description: &str) -> Judgement {
    let words = Words { summary, description, ..words(path, id) };
    judge(&Method::new("POST").expect("a method"), &words, &Siblings::default())
}

/// Judges an operation in a document that also has `others`. Each of these has a method, a path and a summary.
fn among(others: &[(&str, &str, &str)], method: &str, path: &str, summary: &str) -> Effect {
    let routes =
        others.iter().map(|(method, path, summary)| (*method, *path, *summary, format!("{method} {path}")));
    let words = Words { summary, ..words(path, "") };
    judge(&Method::new(method).expect("a method"), &words, &Siblings::of_routes(routes)).effect
}

#[test]
fn post_with_two_signs_of_a_read_is_a_read() {
    for (path, id, summary, description) in [
        ("/books/batch/read", "booksBatch", "Read a batch of books", "Up to 100 books."),
        ("/books/get_by_ids", "", "Get books by their ids", ""),
        (
            "/shelves/{id}/books",
            "getBooksOfShelf",
            "Retrieves the books of a shelf",
            "Scheduled books come last.",
        ),
        ("/prices", "PriceService_GetPrices", "GetPrices returns the prices of books", ""),
        ("/books", "shop.getBooksInBatch", "Batch fetch books", ""),
        (
            "/orders/estimate",
            "estimateOrder",
            "Estimate the price of an order",
            "Prices include taxes. Add a coupon to see its discount.",
        ),
        ("/runs/list", "books_list", "", "List the runs that were started today"),
        (
            "/tables/{id}/query",
            "queryTable",
            "Query a table",
            "Use `limit` to get fewer rows. It never updates a row.",
        ),
        ("/isbn-lookup", "LookupISBN", "ISBN lookup", "Connects to the registry to find a book."),
        ("/jobs/search", "searchScheduledJobs", "Search jobs that were created by a user", ""),
    ] {
        let judged = post(path, id, summary, description);
        assert_eq!(judged.effect, Effect::Read, "{path} {id}");
        assert!(judged.idempotent, "{path}");
    }
}

#[test]
fn post_with_one_sign_of_a_read_is_a_write() {
    for (path, id, summary) in [
        ("/books", "postBooks", "List books"),
        ("/books/search", "postBooks", "Books"),
        ("/reports", "getReport", ""),
        // An operation that is called `read` may mark messages as read.
        ("/messages/{id}/read", "messages_read", "Read a message"),
        ("/messages/read", "readMessages", "Read all messages"),
        ("/mailing/list", "mailing_list", "List"),
    ] {
        assert_eq!(post(path, id, summary, "").effect, Effect::Write, "{path} {id}");
    }
}

#[test]
fn post_whose_text_is_about_a_change_is_a_write() {
    for (summary, description) in [
        ("Search books", "Searches books. Creates a job for it."),
        ("Search books", "Searches books.\nIt then stores the query."),
        ("Search books", "Searching starts when a search is created and sends a mail."),
        ("Search books", "The result will be saved for a day."),
        ("Search books and order them", "This also reserves them, and updates the stock."),
        ("Search, filter and save books", ""),
        ("Search books", "Search books and save them."),
        ("Search books", "This endpoint can be used to search and replace words."),
        ("Search books", "To launch the search, create a session."),
        ("Find or create a book", ""),
    ] {
        let judged = post("/books/search", "searchBooks", summary, description);
        assert_eq!(judged.effect, Effect::Write, "{summary}. {description}");
    }
}

#[test]
fn post_that_changes_an_item_or_issues_a_token_is_a_write() {
    for (path, id, summary) in [
        ("/domains/{id}/validate", "validateDomain", "Validate a domain"),
        ("/items/{id}/list", "listItem", "List item"),
        ("/market/list", "listItem", "List an item for sale"),
        ("/token/get", "getToken", "Get an access token for the shop"),
        ("/sessions/get", "getSession", "Get a new session"),
        ("/books/find", "findAndRemove", "Find books"),
        ("/books/find", "findAndLock", "Find books"),
        ("/views/count", "countView", "Count a view"),
        ("/graphql/query", "query", "Query the shop"),
        ("/corpus/search", "searchIngest", "Ingest books for the search"),
        ("/list/{id}", "list_add", "List a member"),
    ] {
        assert_ne!(post(path, id, summary, "").effect, Effect::Read, "{path} {id}");
    }
    let words = Words {
        summary: "Search books",
        answers_with_nothing: true,
        ..words("/books/search", "searchBooks")
    };
    let judged = judge(&Method::new("POST").expect("a method"), &words, &Siblings::default());
    assert_eq!(judged.effect, Effect::Write, "nothing comes back but that a job was accepted");
}

#[test]
fn destructive_word_anywhere_makes_an_operation_destructive() {
    for (path, id, summary) in [
        ("/jobs", "deleteBooksJob", ""),
        ("/books/{id}/deletion_job", "", "Start a job"),
        ("/jobs", "createDeletionJob", "Create a deletion job"),
        ("/labels", "addOrRemoveLabels", "Change labels"),
        ("/labels", "", "Create, modify or delete labels"),
        ("/labels", "", "Create/modify/delete labels"),
        ("/books/{id}", "", "Update a book (used to redact its text)"),
        ("/books/{id}", "", "Creates a job that deletes books"),
        ("/accounts/{id}/close", "closeAccount", "Close an account"),
        ("/index/rebuild", "", "Rebuild the index"),
        ("/pools/{id}/recycle", "", ""),
        ("/keys/{id}/retire", "", ""),
        ("/lists/{id}/delete", "lists_delete", ""),
        ("/exports/{id}", "export_delete", ""),
        ("/jobs", "scheduleDeleteBooks", "Schedule a job"),
        ("/disks/{id}/detach", "", ""),
        ("/machines/{id}/shutdown", "", ""),
        ("/machines/{id}/power", "", "Shut down a machine"),
        ("/backups/{id}/restore", "restoreBackup", "Restore a database from a backup"),
        ("/folders/{id}/versions/{version}/restore", "", "Restore a version of a folder"),
    ] {
        assert_eq!(post(path, id, summary, "").effect, Effect::Destroy, "{path} {id} {summary}");
    }
}

#[test]
fn destructive_word_that_is_an_attribute_is_ignored() {
    for (path, id, summary) in [
        ("/runners/remove-token", "createRemoveToken", "Create a remove token"),
        ("/deletion_policy", "setDeletionPolicy", "Set the deletion policy"),
        ("/books/{id}", "", "Update the delete protection of a book"),
        ("/deletions/preview", "previewDeletion", "Preview a deletion"),
        ("/books/{id}/undelete", "undo_delete", "Undo a delete"),
        ("/books/{id}/restore", "restoreBook", "Restore a deleted book"),
        ("/deletions/check", "validate_delete", "Validate a deletion"),
        ("/password/forgot", "forgotPassword", "Request a password reset"),
        ("/runs", "startRun", "Kicks off a run"),
        ("/cancellations/{id}", "patchCancellation", "Update a cancellation"),
    ] {
        assert_ne!(post(path, id, summary, "").effect, Effect::Destroy, "{path} {id} {summary}");
    }
}

#[test]
fn text_about_permanent_loss_makes_an_operation_destructive() {
    for (description, expected) in [
        ("The book is permanently gone.", Effect::Destroy),
        ("This cannot be undone.", Effect::Destroy),
        ("Stores a book.\nAn existing book will be overwritten.", Effect::Destroy),
        ("Stores a book. Other books of that name will be deleted.", Effect::Destroy),
        ("Stores a book. It also removes the old one.", Effect::Destroy),
        ("Stores a book. The default title can be overwritten.", Effect::Write),
        ("Stores a book. An existing book will not be overwritten.", Effect::Write),
        ("Stores a book. It will be deleted after 30 days.", Effect::Write),
        ("Stores a book. Remove the cover first.", Effect::Write),
        ("Stores a book. Books that a user deletes are kept.", Effect::Write),
    ] {
        assert_eq!(
            post("/books", "storeBook", "Store a book", description).effect,
            expected,
            "{description}"
        );
    }
}

#[test]
fn deactivation_is_destructive_only_if_the_document_has_no_activation() {
    let back = [("POST", "/users/{id}/activate", "Activate a user")];
    assert_eq!(among(&back, "POST", "/users/{id}/deactivate", "Deactivate a user"), Effect::Write);
    assert_eq!(among(&[], "POST", "/users/{id}/deactivate", "Deactivate a user"), Effect::Destroy);
}

#[test]
fn write_with_the_summary_of_a_delete_is_destructive() {
    let leave = [("DELETE", "/groups/{id}/members/{member}", "Leave a group")];
    assert_eq!(among(&leave, "POST", "/groups/{id}/leave", "Leave the group"), Effect::Destroy);
    assert_eq!(among(&leave, "POST", "/groups/{id}/join", "Join the group"), Effect::Write);
    let copied = [("DELETE", "/groups/{id}", "Update a group")];
    assert_eq!(among(&copied, "PUT", "/groups/{id}", "Update a group"), Effect::Write);
}

#[test]
fn restore_of_a_deleted_item_is_not_destructive() {
    let delete = [("DELETE", "/packages/{id}/versions/{version}", "Delete a version")];
    let restore =
        |others| among(others, "POST", "/packages/{id}/versions/{version}/restore", "Restore a version");
    assert_eq!(restore(&delete), Effect::Write);
    assert_eq!(restore(&[]), Effect::Destroy);
}

#[test]
fn reason_for_an_effect_names_the_method_and_the_decisive_words() {
    let because = |path, id, summary| post(path, id, summary, "").because;
    assert_eq!(
        because("/books/search", "", "Search books"),
        "POST, and `search` in the path, `search` at the beginning of the text"
    );
    assert_eq!(because("/books/{id}/remove", "", ""), "POST, and `remove` in the path");
    assert_eq!(because("/books", "", ""), "POST");
}
