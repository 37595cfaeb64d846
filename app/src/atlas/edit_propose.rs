//! What the reference graph proposes around a product: nodes, names, edges, coefficients, taken one by one.

use domain::{
    chain::{
        ChainEdge, ChainEdit, ChainFile, ChainNode, NewNode, Proposal, ProposalKind, ProposalPage,
        edit::is_code_character,
    },
    text::fold,
};
use leptos::prelude::*;

use super::{chain_proposals, edit::Edits};
use crate::{
    component::{Icon, ProblemNotice, load_part},
    words::use_words,
};

/// Proposals for a draft.
#[component]
pub(super) fn Proposals(
    file: ChainFile,
    chain_id: i64,
    edits: Edits,
    asked: RwSignal<String>,
) -> impl IntoView {
    let words = use_words();
    let typed = RwSignal::new(asked.get_untracked());
    let names: Vec<String> = file.nodes.iter().map(|node| node.name.clone()).collect();
    let found = load_part(
        move || (chain_id, asked.get()),
        |(chain_id, product)| chain_proposals(chain_id, product),
        move |page, _| view! { <Found page file=file.clone() edits/> }.into_any(),
        || view! { <p class="body muted small" role="status">"…"</p> }.into_any(),
        |error| view! { <ProblemNotice problem=error.0/> }.into_any(),
    );
    view! {
        <section class="panel">
            <header><h2>{words.proposals()}</h2><span class="sub">{words.proposals_sub()}</span>
                <span class="end"><a href="/reference">{words.nav_reference_long()}</a></span>
            </header>
            <form class="body inline-form" novalidate on:submit=move |event| { event.prevent_default(); asked.set(typed.get_untracked()); }>
                <div class="field">
                    <label for="propose-product">{words.product_or_node()}</label>
                    <input class="input" id="propose-product" list="propose-nodes" autocomplete="off"
                        prop:value=move || typed.get() on:input=move |event| typed.set(event_target_value(&event))/>
                    <datalist id="propose-nodes">{names.into_iter().map(|name| view! { <option value=name></option> }).collect_view()}</datalist>
                </div>
                <button type="submit" class="btn"><Icon name="i-search"/>{words.propose()}</button>
            </form>
            {found}
        </section>
    }
}

/// A code that no node has: the name itself where it may be one, else a number.
fn free_code(file: &ChainFile, name: &str) -> String {
    let written: String = name
        .chars()
        .filter(|one| is_code_character(*one))
        .take(40)
        .collect();
    let taken = |code: &str| {
        let code = fold(code);
        file.nodes.iter().any(|node| fold(&node.code) == code)
    };
    if !written.is_empty() && !taken(&written) {
        return written;
    }
    (file.nodes.len() + 1..)
        .map(|number| format!("n{number}"))
        .find(|code| !taken(code))
        .unwrap_or_default()
}

fn join(from: &str, to: &str) -> ChainEdit {
    ChainEdit::PutEdge {
        before: None,
        after: ChainEdge {
            from: from.to_owned(),
            to: to.to_owned(),
            coefficient: None,
        },
        at: None,
    }
}

/// The changes that a proposal means; none when the draft no longer has what it speaks of.
fn changes(file: &ChainFile, asked: &str, proposal: &Proposal) -> Vec<ChainEdit> {
    let wanted = fold(asked);
    let node = file.nodes.iter().find(|node| {
        std::iter::once(&node.name)
            .chain(&node.aliases)
            .chain(std::iter::once(&node.code))
            .any(|term| fold(term) == wanted)
    });
    let change = |make: fn(&mut ChainNode) -> &mut Vec<String>| {
        node.map_or_else(Vec::new, |node| {
            let mut after = node.clone();
            make(&mut after).push(proposal.name.clone());
            vec![ChainEdit::PutNode {
                before: Some(node.clone()),
                after,
                at: None,
            }]
        })
    };
    // The new node, its edges to nodes of the chain, and the one to the node that was asked for.
    let add = |new: &NewNode, to_asked: Option<bool>| {
        let code = free_code(file, &proposal.name);
        let mut edits = vec![ChainEdit::PutNode {
            before: None,
            after: ChainNode {
                code: code.clone(),
                name: proposal.name.clone(),
                stage: new.stage,
                group: None,
                aliases: Vec::new(),
                keywords: Vec::new(),
                priority: None,
                priority_source: None,
            },
            at: None,
        }];
        let asked_for = node.zip(to_asked).map(|(node, is_input)| {
            if is_input {
                join(&code, &node.code)
            } else {
                join(&node.code, &code)
            }
        });
        let joins = new.inputs.iter().map(|input| join(input, &code));
        let joins = joins.chain(new.outputs.iter().map(|output| join(&code, output)));
        for edit in joins.chain(asked_for) {
            if !edits.contains(&edit) {
                edits.push(edit);
            }
        }
        edits
    };
    match &proposal.kind {
        ProposalKind::Itself(new) => add(new, None),
        ProposalKind::Input(new) => add(new, Some(true)),
        ProposalKind::Output(new) => add(new, Some(false)),
        ProposalKind::Alias => change(|node| &mut node.aliases),
        ProposalKind::Keyword => change(|node| &mut node.keywords),
        ProposalKind::Edge { from, to } => vec![join(from, to)],
    }
}

#[component]
fn Found(page: ProposalPage, file: ChainFile, edits: Edits) -> impl IntoView {
    let words = use_words();
    // Shares of mentions are no finer than a thousandth.
    let coefficients: Vec<ChainEdit> = page
        .coefficients
        .iter()
        .filter_map(|(from, to, share)| {
            let edge = file
                .edges
                .iter()
                .find(|edge| edge.from == *from && edge.to == *to)?;
            Some(ChainEdit::PutEdge {
                before: Some(edge.clone()),
                after: ChainEdge {
                    coefficient: Some((share * 1000.0).round().max(1.0) / 1000.0),
                    ..edge.clone()
                },
                at: None,
            })
        })
        .collect();
    let count = coefficients.len();
    let coefficients = (count > 0).then(|| {
        view! {
            <p class="body">{words.coefficients_found(count)}" "
                <button type="button" class="btn small" on:click=move |_| edits.run(coefficients.clone())>{words.adopt()}</button>
            </p>
        }
    });
    let asked = page.product.clone();
    let message = if !page.has_graph {
        Some(words.no_reference().to_owned())
    } else if asked.is_empty() {
        Some(words.type_a_product().to_owned())
    } else if !page.is_known {
        Some(words.product_unknown(&asked))
    } else if page.proposals.is_empty() {
        Some(words.no_proposal(&asked))
    } else {
        None
    };
    if let Some(message) = message {
        return view! { <p class="body muted">{message}</p> {coefficients} }.into_any();
    }
    let rows = page
        .proposals
        .into_iter()
        .map(|proposal| {
            let kind = match &proposal.kind {
                ProposalKind::Itself(_) => words.proposal_itself(),
                ProposalKind::Input(_) => words.proposal_input(),
                ProposalKind::Output(_) => words.proposal_output(),
                ProposalKind::Alias => words.proposal_alias(),
                ProposalKind::Keyword => words.proposal_keyword(),
                ProposalKind::Edge { .. } => words.proposal_edge(),
            };
            let meant = changes(&file, &asked, &proposal);
            let is_none = meant.is_empty();
            view! {
                <tr>
                    <td class="nowrap">{kind}</td>
                    <td><b>{proposal.name}</b></td>
                    <td class="num">{proposal.companies}</td>
                    <td class="num">{proposal.evidence}</td>
                    <td class="nowrap"><button type="button" class="btn small" disabled=is_none
                        on:click=move |_| edits.run(meant.clone())>{words.adopt()}</button></td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <div class="scroll-x" tabindex="0" role="region" aria-label=words.proposals()>
            <table class="table">
                <thead><tr>
                    <th>{words.proposal_kind()}</th><th>{words.one_product()}</th>
                    <th class="num">{words.companies_behind()}<span class="unit">{words.unit_firms()}</span></th>
                    <th class="num">{words.evidence_rows()}<span class="unit">{words.unit_items()}</span></th><th></th>
                </tr></thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
        {coefficients}
    }
    .into_any()
}
