//! The rules of the pipeline: what each stage asks for and how long a lead may stay, and the calendar they count by.

use domain::{
    calendar::CalendarYearView,
    lead::{ClaimRule, DatedRulePack, LimitUnit, PipelineRules, Renewal, RulePack, StageRule},
    problem::Problem,
};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use super::{pipeline_rules, set_rule_pack};
use crate::{
    component::{
        PageTitle, ProblemNotice, Refusal, TextField, Typed, field_error, load, problem_in_address,
        submit, use_toasts,
    },
    error::AppError,
    format,
    words::{Locale, use_words},
};

/// Rules in force, their history, the calendar.
#[component]
pub fn StageRulesPage() -> impl IntoView {
    load(
        || (),
        |()| pipeline_rules(),
        |rules, again| view! { <Rules rules again/> }.into_any(),
    )
}

fn unit_word(words: Locale, unit: LimitUnit) -> &'static str {
    match unit {
        LimitUnit::Days => words.unit_days(),
        LimitUnit::WorkingDays => words.unit_working_days(),
    }
}

#[component]
fn Rules(rules: PipelineRules, again: Callback<()>) -> impl IntoView {
    let words = use_words();
    // An upload that was refused comes back with its reason.
    let problem = use_query_map().with_untracked(problem_in_address);
    let current: Option<RulePack> = rules
        .packs
        .iter()
        .find(|pack| pack.in_force)
        .map(|pack| pack.pack.clone());
    let stages = current
        .clone()
        .map(|pack| pack.stages)
        .unwrap_or_default()
        .into_iter()
        .map(|rule| view! { <Rule rule/> })
        .collect_view();
    let version = current.as_ref().map(|pack| pack.version.clone());
    let may = rules.may_edit;
    view! {
        <PageTitle text=words.stage_rules()/>
        <main class="page" id="main">
            <div class="page-head">
                <h1>{words.stage_rules()}</h1>
                <p class="sub">{words.stage_rules_sub()}</p>
                <div class="end"><a class="btn" href="/settings/stages/pack.json" rel="external" download="">{words.download_pack()}</a></div>
            </div>
            {problem.map(|problem| view! { <ProblemNotice problem/> })}
            <section class="panel">
                <header><h2>{words.rules_in_force()}</h2><span class="sub">{version}</span></header>
                <div class="scroll-x" tabindex="0" role="region" aria-label=words.rules_in_force()>
                    <table class="table">
                        <thead><tr><th>{words.stage_word()}</th><th class="num">{words.limit_word()}</th><th>{words.evidence_title()}</th></tr></thead>
                        <tbody>{stages}</tbody>
                    </table>
                </div>
            </section>
            {current.as_ref().map(|pack| view! { <ClaimRules rule=pack.claim.clone()/> })}
            {current.filter(|_| may).map(|pack| view! { <PackForm pack again/> })}
            {may.then(|| view! {
                <section class="panel">
                    <header><h2>{words.upload_pack()}</h2><span class="sub">{words.upload_pack_sub()}</span></header>
                    <form class="body inline-form" method="post" enctype="multipart/form-data" action="/settings/stages">
                        <div class="field"><label for="pack-file">{words.file()}</label><input class="input" id="pack-file" type="file" name="file" required accept=".json"/></div>
                        <button type="submit" class="btn">{words.upload()}</button>
                    </form>
                </section>
            })}
            <History packs=rules.packs/>
            <Calendar years=rules.calendar may/>
        </main>
    }
}

#[component]
fn Rule(rule: StageRule) -> impl IntoView {
    let words = use_words();
    let limit = rule.limit_days.map_or_else(
        || "—".to_owned(),
        |days| format!("{days} {}", unit_word(words, rule.limit_in)),
    );
    let evidence = if rule.evidence.is_empty() {
        words.gate_registration().to_owned()
    } else {
        rule.evidence
            .iter()
            .map(|field| {
                let name = words.evidence_of(field);
                if field.required {
                    name
                } else {
                    words.optional_evidence(name)
                }
            })
            .collect::<Vec<_>>()
            .join("、")
    };
    view! {
        <tr><td class="nowrap">{words.stage(rule.stage)}</td><td class="num nowrap">{limit}</td><td>{evidence}</td></tr>
    }
}

/// How long a claim runs, and what renews it.
#[component]
fn ClaimRules(rule: ClaimRule) -> impl IntoView {
    let words = use_words();
    let causes = if rule.renew_on.is_empty() {
        words.nothing_renews().to_owned()
    } else {
        rule.renew_on
            .iter()
            .map(|cause| words.renewal(*cause))
            .collect::<Vec<_>>()
            .join("、")
    };
    view! {
        <section class="panel">
            <header><h2>{words.claim_rules()}</h2></header>
            <div class="body">
                <p>{words.claim_rule_line(rule.days, rule.renew_days, rule.pool_after)}</p>
                <dl class="facts">
                    <dt>{words.claim_renew_on()}</dt><dd>{causes}</dd>
                    <dt>{words.setting_source()}</dt><dd>{rule.source}</dd>
                </dl>
            </div>
        </section>
    }
}

/// Other time limits from a day on; what is asked for is changed in the file.
#[component]
fn PackForm(pack: RulePack, again: Callback<()>) -> impl IntoView {
    let words = use_words();
    let toasts = use_toasts();
    let version = RwSignal::new(String::new());
    let source = RwSignal::new(String::new());
    let effective = RwSignal::new(String::new());
    let pending = RwSignal::new(false);
    let problem = RwSignal::new(None::<Problem>);
    let limits: Vec<(RwSignal<String>, RwSignal<LimitUnit>)> = pack
        .stages
        .iter()
        .map(|rule| {
            (
                RwSignal::new(
                    rule.limit_days
                        .map(|days| days.to_string())
                        .unwrap_or_default(),
                ),
                RwSignal::new(rule.limit_in),
            )
        })
        .collect();
    let wrong = move |value: RwSignal<String>| {
        value.with(|text| !text.trim().is_empty() && text.trim().parse::<u16>().is_err())
    };
    let error = move |field: String| {
        Signal::derive(move || field_error(words, problem.get().as_ref(), &field))
    };
    let inputs = pack
        .stages
        .iter()
        .zip(&limits)
        .enumerate()
        .map(|(place, (rule, (days, unit)))| {
            let (days, unit) = (*days, *unit);
            let field = error(format!("stages.{place}.limit_days"));
            let shown = Signal::derive(move || {
                if wrong(days) {
                    Some(words.not_a_number().to_owned())
                } else {
                    field.get()
                }
            });
            let stage = rule.stage;
            view! {
                <div class="limit">
                    <TextField id=format!("limit-{}", stage.key()) label=words.limit_of(words.stage(stage)) value=days typed=Typed::Number error=shown/>
                    <select class="input" aria-label=words.counted_in() on:change=move |event| unit.set(if event_target_value(&event) == "working_days" { LimitUnit::WorkingDays } else { LimitUnit::Days })>
                            <option value="days" selected=unit.get_untracked() == LimitUnit::Days>{words.unit_days()}</option>
                            <option value="working_days" selected=unit.get_untracked() == LimitUnit::WorkingDays>{words.unit_working_days()}</option>
                        </select>
                </div>
            }
        })
        .collect_view();
    let number = |days: u16| RwSignal::new(days.to_string());
    let claim_days = number(pack.claim.days);
    let renew_days = number(pack.claim.renew_days);
    let pool_after = number(pack.claim.pool_after);
    let claim_source = RwSignal::new(pack.claim.source.clone());
    let renew_on = RwSignal::new(pack.claim.renew_on.clone());
    let needed =
        move |value: RwSignal<String>| value.with(|text| text.trim().parse::<u16>().is_err());
    let claim_inputs = [
        ("claim.days", words.claim_days_rule(), claim_days),
        ("claim.renew_days", words.claim_renew_days(), renew_days),
        ("claim.pool_after", words.claim_pool_after(), pool_after),
    ]
    .into_iter()
    .map(|(field, label, value)| {
        let refused = error(field.to_owned());
        let shown = Signal::derive(move || {
            if needed(value) {
                Some(words.not_a_number().to_owned())
            } else {
                refused.get()
            }
        });
        view! { <TextField id=field.replace('.', "-") label value typed=Typed::Number error=shown/> }
    })
    .collect_view();
    let causes = Renewal::ALL
        .into_iter()
        .map(|cause| view! {
            <label class="check">
                <input type="checkbox" prop:checked=move || renew_on.with(|chosen| chosen.contains(&cause))
                    on:change=move |_| renew_on.update(|chosen| {
                        if chosen.contains(&cause) {
                            chosen.retain(|one| *one != cause);
                        } else {
                            chosen.push(cause);
                        }
                    })/>
                {words.renewal(cause)}
            </label>
        })
        .collect_view();
    let blocked = {
        let limits = limits.clone();
        move || {
            pending.get()
                || limits.iter().any(|(days, _)| wrong(*days))
                || [claim_days, renew_days, pool_after].into_iter().any(needed)
        }
    };
    let send = move || {
        let mut new = pack.clone();
        new.version = version.get_untracked();
        new.source = source.get_untracked();
        // What is no day becomes one in the past, which the server names.
        new.effective_from = effective.get_untracked().parse().unwrap_or_default();
        for (rule, (days, unit)) in new.stages.iter_mut().zip(&limits) {
            rule.limit_days = days.get_untracked().trim().parse().ok();
            rule.limit_in = unit.get_untracked();
        }
        let whole =
            |value: RwSignal<String>| value.get_untracked().trim().parse().unwrap_or_default();
        new.claim = ClaimRule {
            days: whole(claim_days),
            renew_on: renew_on.get_untracked(),
            renew_days: whole(renew_days),
            pool_after: whole(pool_after),
            source: claim_source.get_untracked(),
        };
        submit(pending, set_rule_pack(new), move |outcome| match outcome {
            Ok(_) => {
                toasts.done(words.rules_saved());
                again.run(());
            }
            Err(AppError(refused)) => problem.set(Some(refused)),
        });
    };
    view! {
        <section class="panel">
            <header><h2>{words.other_limits()}</h2><span class="sub">{words.other_limits_sub()}</span></header>
            <form class="body inline-form" novalidate on:submit=move |event| { event.prevent_default(); send(); }>
                <Refusal problem/>
                {inputs}
                {claim_inputs}
                <fieldset class="field wide"><legend>{words.claim_renew_on()}</legend>{causes}</fieldset>
                <TextField id="claim-source" label=words.claim_source() value=claim_source wide=true error=error("claim.source".to_owned())/>
                <TextField id="pack-version" label=words.pack_version() value=version max=40 error=error("version".to_owned())/>
                <TextField id="pack-effective" label=words.effective_on() value=effective typed=Typed::Date error=error("effective_from".to_owned())/>
                <TextField id="pack-source" label=words.setting_source() value=source wide=true error=error("source".to_owned())/>
                <button type="submit" class="btn primary" disabled=blocked>{words.save_settings()}</button>
            </form>
        </section>
    }
}

#[component]
fn History(packs: Vec<DatedRulePack>) -> impl IntoView {
    let words = use_words();
    let rows = packs
        .into_iter()
        .map(|one| view! {
            <tr aria-current=one.in_force.then_some("true")>
                <td class="nowrap">{one.pack.version}{one.in_force.then(|| view! { " "<span class="tag">{words.in_force()}</span> })}</td>
                <td class="nowrap">{one.pack.effective_from.to_string()}</td>
                <td>{one.pack.source}</td>
                <td class="nowrap">{one.by}{one.created_at.map(|at| format!(" {}", format::day(at)))}</td>
            </tr>
        })
        .collect_view();
    view! {
        <section class="panel">
            <header><h2>{words.settings_history()}</h2></header>
            <div class="scroll-x" tabindex="0" role="region" aria-label=words.settings_history()>
                <table class="table"><thead><tr>
                    <th>{words.pack_version()}</th><th>{words.effective_on()}</th><th>{words.setting_source()}</th><th>{words.setting_by()}</th>
                </tr></thead><tbody>{rows}</tbody></table>
            </div>
        </section>
    }
}

#[component]
fn Calendar(years: Vec<CalendarYearView>, may: bool) -> impl IntoView {
    let words = use_words();
    let rows = years
        .into_iter()
        .map(|one| view! {
            <tr>
                <td class="num">{one.calendar.year}</td>
                <td class="num">{one.off_days}</td>
                <td class="num">{one.work_days}</td>
                <td>{one.calendar.source}{one.calendar.provisional.then(|| view! { " "<span class="badge" data-kind="warn">{words.provisional()}</span> })}</td>
                <td class="nowrap">{one.by}{one.imported_at.map(|at| format!(" {}", format::day(at)))}</td>
            </tr>
        })
        .collect_view();
    view! {
        <section class="panel">
            <header><h2>{words.work_calendar()}</h2><span class="sub">{words.work_calendar_sub()}</span></header>
            <div class="scroll-x" tabindex="0" role="region" aria-label=words.work_calendar()>
                <table class="table"><thead><tr>
                    <th class="num">{words.year_word()}</th><th class="num">{words.days_off()}<span class="unit">{words.unit_days()}</span></th>
                    <th class="num">{words.days_worked()}<span class="unit">{words.unit_days()}</span></th>
                    <th>{words.setting_source()}</th><th>{words.setting_by()}</th>
                </tr></thead><tbody>{rows}</tbody></table>
            </div>
            {may.then(|| view! {
                <form class="body inline-form" method="post" enctype="multipart/form-data" action="/settings/calendar">
                    <div class="field"><label for="calendar-file">{words.calendar_file()}</label><input class="input" id="calendar-file" type="file" name="file" required accept=".json"/></div>
                    <button type="submit" class="btn">{words.import_calendar()}</button>
                    <p class="muted small">{words.calendar_hint()}</p>
                </form>
            })}
        </section>
    }
}
