//! The forms of the editor: a node, an edge, the chain itself.

use domain::{
    chain::{ChainEdge, ChainEdit, ChainFields, ChainFile, ChainNode, Stream},
    problem::Problem,
};
use leptos::prelude::*;

use super::edit::{Edits, Open, OpenEdge};
use crate::{
    component::{FormDialog, ProblemNotice, TextField, Typed, typed_number},
    words::use_words,
};

/// Words between commas of any kind.
fn list(text: &str) -> Vec<String> {
    text.split(['、', '，', ',', '；', ';', '\n'])
        .map(str::trim)
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect()
}

/// The sentence under a field whose text is no number.
fn number_error(value: RwSignal<String>) -> Signal<Option<String>> {
    let words = use_words();
    Signal::derive(move || {
        value
            .with(|text| typed_number(text).is_err())
            .then(|| words.not_a_number().to_owned())
    })
}

/// The text of a field that may stay empty.
fn optional(text: RwSignal<String>) -> Option<String> {
    let text = text.get_untracked().trim().to_owned();
    (!text.is_empty()).then_some(text)
}

/// Why the draft did not take what stands in the form.
#[component]
fn Refused(refused: RwSignal<Option<Problem>>) -> impl IntoView {
    move || {
        refused
            .get()
            .map(|problem| view! { <ProblemNotice problem/> })
    }
}

/// The form of one node, new or there already.
#[component]
pub(super) fn NodeForm(
    node: Option<ChainNode>,
    open: Open,
    edits: Edits,
    refused: RwSignal<Option<Problem>>,
) -> impl IntoView {
    let words = use_words();
    let of =
        |get: fn(&ChainNode) -> String| RwSignal::new(node.as_ref().map(get).unwrap_or_default());
    let code = of(|node| node.code.clone());
    let name = of(|node| node.name.clone());
    let group = of(|node| node.group.clone().unwrap_or_default());
    let aliases = of(|node| node.aliases.join("、"));
    let keywords = of(|node| node.keywords.join("、"));
    let priority = of(|node| {
        node.priority
            .map(|value| value.to_string())
            .unwrap_or_default()
    });
    let source = of(|node| node.priority_source.clone().unwrap_or_default());
    let stage = RwSignal::new(node.as_ref().map_or(Stream::Midstream, |node| node.stage));
    let title = if node.is_some() {
        words.change_node()
    } else {
        words.add_node()
    };
    let send = Callback::new(move |()| {
        let Ok(priority) = typed_number(&priority.get_untracked()) else {
            return;
        };
        let after = ChainNode {
            code: code.get_untracked().trim().to_owned(),
            name: name.get_untracked().trim().to_owned(),
            stage: stage.get_untracked(),
            group: optional(group),
            aliases: list(&aliases.get_untracked()),
            keywords: list(&keywords.get_untracked()),
            priority,
            priority_source: optional(source),
        };
        edits.run(vec![ChainEdit::PutNode {
            before: node.clone(),
            after,
            at: None,
        }]);
    });
    let close = Callback::new(move |()| {
        refused.set(None);
        open.set(None);
    });
    let wrong = number_error(priority);
    let field = move |key: &'static str, value: RwSignal<String>| {
        view! { <TextField id=format!("node-{key}") label=words.chain_field(key) value/> }
    };
    view! {
        <FormDialog title send_word=words.save_to_draft() close send is_blocked=Signal::derive(move || wrong.with(Option::is_some))>
            <Refused refused/>
            {field("code", code)}
            {field("name", name)}
            <div class="field">
                <label for="node-stage">{words.chain_field("stage")}</label>
                <select class="input" id="node-stage" on:change=move |event| {
                    if let Some(chosen) = Stream::parse(&event_target_value(&event)) { stage.set(chosen); }
                }>
                    {Stream::ALL.into_iter().map(|one| view! {
                        <option value=one.code() selected=one == stage.get_untracked()>{words.stream(one)}</option>
                    }).collect_view()}
                </select>
            </div>
            {field("group", group)}
            {field("aliases", aliases)}
            {field("keywords", keywords)}
            <TextField id="node-priority" label=words.chain_field("priority") value=priority typed=Typed::Number error=wrong/>
            {field("priority_source", source)}
            <p class="muted small">{words.node_form_hint()}</p>
        </FormDialog>
    }
}

/// The form of an edge that is there: its coefficient, or its end.
#[component]
pub(super) fn EdgeForm(
    edge: ChainEdge,
    title: String,
    open: OpenEdge,
    edits: Edits,
    refused: RwSignal<Option<Problem>>,
) -> impl IntoView {
    let words = use_words();
    let coefficient = RwSignal::new(
        edge.coefficient
            .map(|value| value.to_string())
            .unwrap_or_default(),
    );
    let wrong = number_error(coefficient);
    let close = Callback::new(move |()| {
        refused.set(None);
        open.set(None);
    });
    let gone = edge.clone();
    let send = Callback::new(move |()| {
        let Ok(value) = typed_number(&coefficient.get_untracked()) else {
            return;
        };
        edits.run(vec![ChainEdit::PutEdge {
            after: ChainEdge {
                coefficient: value,
                ..edge.clone()
            },
            before: Some(edge.clone()),
            at: None,
        }]);
    });
    view! {
        <FormDialog title send_word=words.save_to_draft() close send is_blocked=Signal::derive(move || wrong.with(Option::is_some))>
            <Refused refused/>
            <TextField id="edge-coefficient" label=words.chain_field("coefficient") value=coefficient typed=Typed::Number error=wrong/>
            <p class="muted small">{words.coefficient_hint()}</p>
            <button type="button" class="btn danger" on:click=move |_| {
                edits.run(vec![ChainEdit::RemoveEdge { before: gone.clone() }]);
            }>{words.remove_edge()}</button>
        </FormDialog>
    }
}

/// Two nodes to join.
#[component]
pub(super) fn NewEdge(
    codes: Vec<(String, String)>,
    edits: Edits,
    pending: RwSignal<bool>,
) -> impl IntoView {
    let words = use_words();
    let first = codes
        .first()
        .map(|(code, _)| code.clone())
        .unwrap_or_default();
    let from = RwSignal::new(first.clone());
    let to = RwSignal::new(first);
    let coefficient = RwSignal::new(String::new());
    let wrong = number_error(coefficient);
    let add = move || {
        let Ok(value) = typed_number(&coefficient.get_untracked()) else {
            return;
        };
        edits.run(vec![ChainEdit::PutEdge {
            before: None,
            after: ChainEdge {
                from: from.get_untracked(),
                to: to.get_untracked(),
                coefficient: value,
            },
            at: None,
        }]);
    };
    let choice = move |signal: RwSignal<String>, codes: Vec<(String, String)>| {
        view! {
            <select class="input" on:change=move |event| signal.set(event_target_value(&event))>
                {codes.into_iter().map(|(code, name)| view! { <option value=code>{name}</option> }).collect_view()}
            </select>
        }
    };
    view! {
        <form class="body inline-form" novalidate on:submit=move |event| { event.prevent_default(); add(); }>
            <label class="field"><span>{words.chain_field("from")}</span>{choice(from, codes.clone())}</label>
            <label class="field"><span>{words.chain_field("to")}</span>{choice(to, codes)}</label>
            <TextField id="new-coefficient" label=words.chain_field("coefficient") value=coefficient typed=Typed::Number error=wrong/>
            <button type="submit" class="btn" disabled=move || pending.get() || wrong.with(Option::is_some)>{words.add_edge()}</button>
        </form>
    }
}

/// What the chain is called, who answers for it, and where it was taken from.
#[component]
pub(super) fn ChainForm(file: ChainFile, edits: Edits, pending: RwSignal<bool>) -> impl IntoView {
    let words = use_words();
    let before = ChainFields::from(&file);
    let text = |value: Option<&String>| RwSignal::new(value.cloned().unwrap_or_default());
    let name = RwSignal::new(before.name.clone());
    let chief = text(before.chief.as_ref());
    let source = text(before.source.as_ref());
    let description = text(before.description.as_ref());
    let send = move || {
        edits.run(vec![ChainEdit::SetChain {
            before: before.clone(),
            after: ChainFields {
                name: name.get_untracked(),
                description: optional(description),
                chief: optional(chief),
                source: optional(source),
            },
        }]);
    };
    view! {
        <section class="panel">
            <header><h2>{words.chain()}</h2><span class="sub"><code>{file.code}</code></span></header>
            <form class="body inline-form" novalidate on:submit=move |event| { event.prevent_default(); send(); }>
                <TextField id="chain-name" label=words.chain_field("name") value=name/>
                <TextField id="chain-chief" label=words.chain_field("chief") value=chief/>
                <TextField id="chain-source" label=words.chain_field("source") value=source/>
                <TextField id="chain-description" label=words.chain_field("description") value=description wide=true/>
                <button type="submit" class="btn" disabled=move || pending.get()>{words.save_to_draft()}</button>
            </form>
        </section>
    }
}
