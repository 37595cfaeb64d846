//! Two companies side by side, what making one of them would do, and a company's merges.

use std::collections::BTreeMap;

use domain::{
    enterprise::{
        EnterpriseField, MergeField, MergeLine, MergeRequest, MergeSide, MergeUndone, MergeView,
        ProductChoice, Side,
    },
    problem::Problem,
};
use leptos::prelude::*;
use leptos_router::{
    NavigateOptions,
    hooks::{use_navigate, use_query_map},
};

use super::{merge_enterprises, merge_view, undo_merge};
use crate::{
    component::{FormDialog, Icon, PageTitle, ProblemNotice, Refusal, load, submit, use_toasts},
    error::AppError,
    format,
    words::{Locale, field_name, use_words},
};

/// The two companies that the address names.
#[component]
pub fn MergePage() -> impl IntoView {
    let query = use_query_map();
    let asked = Memo::new(move |_| {
        query.with(|query| {
            let number = |key: &str| {
                query
                    .get(key)
                    .and_then(|id| id.parse::<i64>().ok())
                    .unwrap_or(0)
            };
            (number("left"), number("right"))
        })
    });
    load(
        move || asked.get(),
        |(left, right)| merge_view(left, right),
        move |pair, again| view! { <Merge pair again/> }.into_any(),
    )
}

#[component]
fn Merge(pair: MergeView, again: Callback<()>) -> impl IntoView {
    let words = use_words();
    let toasts = use_toasts();
    let navigate = use_navigate();
    let keep = RwSignal::new(pair.keep);
    let choices = RwSignal::new(
        pair.fields
            .iter()
            .map(|row| (row.field, row.default))
            .collect::<BTreeMap<EnterpriseField, Side>>(),
    );
    let products = RwSignal::new(ProductChoice::Both);
    let pending = RwSignal::new(false);
    let problem = RwSignal::new(None::<Problem>);
    let (left_id, right_id) = (pair.left.id, pair.right.id);
    let (left_version, right_version) = (pair.left.version, pair.right.version);
    let may_merge = pair.may_merge;
    let send = move || {
        if pending.get_untracked() {
            return;
        }
        let request = MergeRequest {
            left_id,
            left_version,
            right_id,
            right_version,
            keep: keep.get_untracked(),
            choices: choices.get_untracked(),
            products: products.get_untracked(),
        };
        let kept = request.keep.of(left_id, right_id);
        let navigate = navigate.clone();
        submit(
            pending,
            merge_enterprises(request),
            move |outcome| match outcome {
                Ok(_) => {
                    toasts.done(words.merge_done());
                    navigate(&format!("/enterprises/{kept}"), NavigateOptions::default());
                }
                Err(AppError(refused)) => problem.set(Some(refused)),
            },
        );
    };
    let reasons = pair
        .reasons
        .iter()
        .map(|reason| words.match_reason(*reason))
        .collect::<Vec<_>>()
        .join("、");
    let side_choice = |side: Side, firm: &MergeSide| {
        let text = format!(
            "{}（{}，{}）",
            firm.name,
            side_word(words, side),
            words.source_on(&firm.source, format::day(firm.updated_at)),
        );
        view! {
            <label class="check">
                <input type="radio" name="keep" value=side.key() prop:checked=move || keep.get() == side
                    checked=pair.keep == side on:change=move |_| keep.set(side)/>
                <span>{text}</span>
            </label>
        }
    };
    let keeps = [
        side_choice(Side::Left, &pair.left),
        side_choice(Side::Right, &pair.right),
    ];
    let fields = pair
        .fields
        .iter()
        .cloned()
        .map(|row| view! { <Choice row choices/> })
        .collect_view();
    let equal: Vec<String> = pair
        .equal
        .iter()
        .map(|(field, value)| format!("{}：{value}", field_name(words, *field)))
        .collect();
    let is_any_different = !pair.fields.is_empty();
    let (left_name, right_name) = (pair.left.name.clone(), pair.right.name.clone());
    let has_products = !pair.left.products.is_empty() || !pair.right.products.is_empty();
    let lists = [&pair.left, &pair.right].map(|firm| {
        (
            firm.name.clone(),
            firm.products.len(),
            firm.products.join("、"),
        )
    });
    let moving = pair.clone();
    view! {
        <PageTitle text=words.merge_title()/>
        <main class="page enterprise-page" id="main">
            <div class="page-head">
                <h1>{words.merge_title()}</h1>
                <p class="sub">{words.merge_sub(format!("{:.0} %", pair.score * 100.0))}" "{reasons}</p>
                <div class="end">
                    <a class="btn quiet small" href="/enterprises/duplicates">{words.duplicates_title()}</a>
                </div>
            </div>
            <div class="stack">
                <section class="panel">
                    <header><h2>{words.merge_keep()}</h2></header>
                    <div class="body stack" role="radiogroup" aria-label=words.merge_keep()>
                        {keeps.into_iter().collect_view()}
                        <p class="muted small">{words.merge_keep_hint()}</p>
                    </div>
                </section>
                <section class="panel">
                    <header><h2>{words.merge_fields()}</h2></header>
                    {if is_any_different {
                        view! {
                            <div class="scroll-x" tabindex="0" role="region" aria-label=words.merge_fields()>
                                <table class="table">
                                    <thead>
                                        <tr>
                                            <th>{words.merge_field()}</th>
                                            <th>{format!("{}　{left_name}", words.merge_left())}</th>
                                            <th>{format!("{}　{right_name}", words.merge_right())}</th>
                                        </tr>
                                    </thead>
                                    <tbody>{fields}</tbody>
                                </table>
                            </div>
                        }.into_any()
                    } else {
                        view! { <p class="body muted small">{words.merge_no_field()}</p> }.into_any()
                    }}
                    {(!equal.is_empty()).then(|| view! {
                        <details class="body small">
                            <summary>{words.merge_equal(equal.len())}</summary>
                            <p>{equal.join("；")}</p>
                        </details>
                    })}
                </section>
                {has_products.then(|| view! {
                    <section class="panel">
                        <header><h2>{words.merge_products()}</h2></header>
                        <div class="body stack" role="radiogroup" aria-label=words.merge_products()>
                            {ProductChoice::ALL.into_iter().map(|choice| view! {
                                <label class="check">
                                    <input type="radio" name="products" value=choice.key() checked=choice == ProductChoice::Both
                                        prop:checked=move || products.get() == choice on:change=move |_| products.set(choice)/>
                                    <span>{words.product_choice(choice)}</span>
                                </label>
                            }).collect_view()}
                            {lists.into_iter().map(|(name, count, list)| view! {
                                <p class="small"><b>{name}</b>"　"{words.merge_product_list(count)}<br/><span class="muted">{list}</span></p>
                            }).collect_view()}
                        </div>
                    </section>
                })}
                <section class="panel">
                    <header><h2>{words.merge_preview()}</h2></header>
                    <div class="body stack">
                        {move || view! { <Preview pair=moving.clone() keep=keep.get()/> }}
                        <p class="muted small">{words.merge_undo_hint()}</p>
                        {move || problem.get().is_some_and(|problem| matches!(problem, Problem::Invalid { .. }))
                            .then(|| problem.get().map(|problem| view! { <ProblemNotice problem/> }))}
                        <Refusal problem/>
                        {move || problem.get().is_some_and(|problem| matches!(problem, Problem::Stale { .. })).then(|| view! {
                            <div class="btns-row"><button type="button" class="btn" on:click=move |_| again.run(())>{words.reload_pair()}</button></div>
                        })}
                        {if may_merge {
                            view! {
                                <div class="btns-row">
                                    <button type="button" class="btn primary" disabled=move || pending.get()
                                        on:click=move |_| send()>{words.merge_do()}</button>
                                    <a class="btn" href="/enterprises/duplicates">{words.cancel()}</a>
                                </div>
                            }.into_any()
                        } else {
                            view! {
                                <div class="problem" role="note"><Icon name="i-lock"/><b>{words.merge_other_bureau()}</b></div>
                            }.into_any()
                        }}
                    </div>
                </section>
            </div>
        </main>
    }
}

const fn side_word(words: Locale, side: Side) -> &'static str {
    match side {
        Side::Left => words.merge_left(),
        Side::Right => words.merge_right(),
    }
}

#[component]
fn Choice(row: MergeField, choices: RwSignal<BTreeMap<EnterpriseField, Side>>) -> impl IntoView {
    let words = use_words();
    let field = row.field;
    let label = words.merge_choose(field_name(words, field));
    let default = row.default;
    let cell = |side: Side, value: String| {
        let is_empty = value.is_empty();
        let shown = if is_empty {
            words.merge_empty().to_owned()
        } else {
            value
        };
        view! {
            <td>
                <label class="check">
                    <input type="radio" name=field.key() value=side.key() checked=default == side
                        prop:checked=move || choices.with(|choices| choices.get(&field).copied() == Some(side))
                        on:change=move |_| choices.update(|choices| { choices.insert(field, side); })/>
                    <span class:muted=is_empty>{shown}</span>
                </label>
            </td>
        }
    };
    let left = cell(Side::Left, row.left);
    let right = cell(Side::Right, row.right);
    view! {
        <tr role="radiogroup" aria-label=label>
            <th scope="row" class="nowrap">{field_name(words, field)}</th>
            {left}
            {right}
        </tr>
    }
}

/// What would move, for the side that is kept.
#[component]
fn Preview(pair: MergeView, keep: Side) -> impl IntoView {
    let words = use_words();
    let goes = keep.other().of(&pair.left, &pair.right);
    let matches = keep.other().of(pair.matches.0, pair.matches.1);
    let rows: Vec<String> = goes
        .moves
        .iter()
        .map(|(table, count)| words.moved_count(words.moved_table(*table), format::count(*count)))
        .chain([words.merge_matches(format::count(matches))])
        .collect();
    let conflict = pair.claim_conflict.clone().map(|conflict| {
        words.merge_claim_conflict(
            conflict.stays.bureau,
            format::day(conflict.stays.claimed_at),
            conflict.stays.expires_on,
            conflict.released.bureau,
            format::day(conflict.released.claimed_at),
        )
    });
    let twice = (!pair.twice_followed.is_empty())
        .then(|| words.merge_twice_followed(pair.twice_followed.join("、")));
    let trips = (!pair.shared_trips.is_empty())
        .then(|| words.merge_shared_trips(pair.shared_trips.join("、")));
    let local = (pair.left.is_local != pair.right.is_local).then(|| words.merge_local().to_owned());
    view! {
        <p>{words.merge_moves(&goes.name)}</p>
        <ul class="list">
            {rows.into_iter().map(|row| view! { <li>{row}</li> }).collect_view()}
        </ul>
        {[conflict, twice, trips, local].into_iter().flatten().map(|sentence| view! { <p><Icon name="i-warn"/>" "{sentence}</p> }).collect_view()}
    }
}

/// The companies that went into this one, and the way back.
#[component]
pub(super) fn Merges(merges: Vec<MergeLine>, done: Callback<()>) -> impl IntoView {
    let words = use_words();
    let undoing = RwSignal::new(None::<MergeLine>);
    let rows = merges
        .into_iter()
        .map(|line| {
            let asked = line.clone();
            let undone = line
                .undone_by
                .clone()
                .zip(line.undone_at)
                .map(|(name, at)| words.merge_undone_by_on(name, format::moment(at)));
            view! {
                <tr>
                    <td>
                        {words.merge_line(&line.name)}<br/>
                        <span class="muted small">
                            {line.credit_code.clone().map(|code| format!("{code}　"))}
                            {words.merge_by_on(&line.by, format::moment(line.merged_at))}
                            {undone.map(|text| format!("　{text}"))}
                        </span>
                    </td>
                    <td class="nowrap">
                        {line.may_undo.then(|| view! {
                            <button type="button" class="btn small" aria-label=words.undo_merge_of(&line.name)
                                on:click=move |_| undoing.set(Some(asked.clone()))>{words.undo_merge()}</button>
                        })}
                    </td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <section class="panel">
            <header><h2>{words.merge_history()}</h2></header>
            <table class="table dense"><tbody>{rows}</tbody></table>
            {move || undoing.get().map(|line| view! {
                <UndoForm line close=Callback::new(move |()| undoing.set(None)) done/>
            })}
        </section>
    }
}

#[component]
fn UndoForm(line: MergeLine, close: Callback<()>, done: Callback<()>) -> impl IntoView {
    let words = use_words();
    let toasts = use_toasts();
    let pending = RwSignal::new(false);
    let problem = RwSignal::new(None::<Problem>);
    let merge_id = line.merge_id;
    let send = Callback::new(move |()| {
        submit(
            pending,
            undo_merge(merge_id),
            move |outcome| match outcome {
                Ok(undone) => {
                    toasts.done(stayed(words, &undone));
                    close.run(());
                    done.run(());
                }
                Err(AppError(refused)) => problem.set(Some(refused)),
            },
        );
    });
    view! {
        <FormDialog title=words.undo_merge() send_word=words.undo_merge() close send is_blocked=pending>
            <Refusal problem/>
            <p>{words.undo_merge_hint(line.name)}</p>
        </FormDialog>
    }
}

/// What the undoing left where it is.
fn stayed(words: Locale, undone: &MergeUndone) -> String {
    let mut parts: Vec<String> = undone
        .fields
        .iter()
        .map(|field| field_name(words, *field).to_owned())
        .collect();
    if undone.products {
        parts.push(words.products().to_owned());
    }
    parts.extend(
        undone
            .added
            .iter()
            .map(|(table, count)| words.moved_count(words.moved_table(*table), *count)),
    );
    if parts.is_empty() {
        words.merge_was_undone().to_owned()
    } else {
        words.merge_stayed(parts.join("、"))
    }
}
