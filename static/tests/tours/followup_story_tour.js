import { browser } from "@web/core/browser/browser";
import { registry } from "@web/core/registry";
import { stepUtils } from "@web_tour/tour_utils";

/** The test takes a picture when it reads this message, and the page must hold still. */
async function picture(name) {
    await new Promise((resolve) => setTimeout(resolve, 400));
    console.log(`picture:${name}`);
    await new Promise((resolve) => setTimeout(resolve, 900));
}

/** One morning of a person in charge of follow-ups, from the menu to the letters. */
registry.category("web_tour.tours").add("followup_story", {
    url: "/odoo",
    steps: () => [
        stepUtils.showAppsMenuItem(),
        {
            content: "Open the accounting app",
            trigger: ".o_app[data-menu-xmlid='account.menu_finance']",
            run: "click",
        },
        {
            content: "Open the menu of follow-ups",
            trigger:
                ".o_menu_sections [data-menu-xmlid='account_receivable_followup.followup_menu']",
            run: "click",
        },
        {
            content: "Who owes what",
            trigger:
                ".o-dropdown--menu [data-menu-xmlid='account_receivable_followup.followup_situation_menu']",
            run: "click",
        },
        {
            content: "The situations are there, with their totals",
            trigger: ".o_list_view:has(.o_list_footer) .o_data_row:contains('Baudry')",
            run: () => picture("situations"),
        },
        {
            trigger: ".o_data_row:contains('Baudry') td[name='partner_id']",
            run: "click",
        },
        {
            content: "One customer's account",
            trigger: ".o_form_view button[name='action_open_lines']",
            run: () => picture("situation"),
        },
        {
            trigger: "button[name='action_open_lines']",
            run: "click",
        },
        {
            // The account's form lists them too: wait until it has gone.
            content: "Its due lines",
            trigger:
                ".o_action_manager:not(:has(.o_form_view)) .o_list_view .o_data_row:contains('FA-2026-0412')",
            run: () => picture("due_lines"),
        },
        {
            trigger:
                ".o_menu_sections [data-menu-xmlid='account_receivable_followup.followup_menu']",
            run: "click",
        },
        {
            trigger:
                ".o-dropdown--menu [data-menu-xmlid='account_receivable_followup.followup_menu_to_chase']",
            run: "click",
        },
        {
            content: "Choose the plan and the date",
            trigger: ".modal .o_field_widget[name='plan_id'] input",
            run: () => picture("wizard"),
        },
        {
            trigger: ".modal button[name='action_prepare']",
            run: "click",
        },
        {
            content: "The preview: customers to chase",
            trigger: ".o_field_widget[name='kept_reminder_ids'] .o_data_row:contains('Baudry')",
            run: () => picture("run_reminders"),
        },
        {
            content: "Who is left out, and why",
            trigger: ".o_notebook a[name='excluded']",
            run: "click",
        },
        {
            trigger: ".o_field_widget[name='excluded_line_ids'] .o_data_row",
            run: () => picture("run_excluded"),
        },
        {
            trigger: ".o_notebook a[name='reminders']",
            run: "click",
        },
        {
            content: "Leave one customer out of this run",
            trigger:
                ".o_field_widget[name='kept_reminder_ids'] .o_data_row:contains('Perrin') button[name='action_skip']",
            run: "click",
        },
        {
            trigger: ".o_notebook a[name='excluded']",
            run: "click",
        },
        {
            content: "Think better of it",
            trigger:
                ".o_field_widget[name='excluded_line_ids'] .o_data_row:contains('Perrin') button[name='action_restore']",
            run: "click",
        },
        {
            trigger: ".o_notebook a[name='reminders']",
            run: "click",
        },
        {
            trigger: ".o_field_widget[name='kept_reminder_ids'] .o_data_row:contains('Perrin')",
        },
        {
            content: "Print the letters",
            trigger: "button[name='action_print_letters']",
            run: "click",
        },
        {
            content: "The letters are printed",
            trigger: "button[name='action_open_letters']",
            timeout: 40000,
            run: () => picture("run_printed"),
        },
        {
            content: "The link to the PDF has been seen",
            trigger: ".o_notification .o_notification_close",
            run: "click",
        },
        {
            content: "The letters go to the post office",
            trigger: "button[name='action_letters_posted']",
            run: "click",
        },
        {
            trigger: ".modal .modal-footer button[name='action_apply'].btn-primary",
            run: "click",
        },
        {
            content: "None is left to post",
            trigger: "body:not(:has(.modal)) .o_form_view:not(:has(button[name='action_letters_posted']))",
        },
        {
            content: "Send the e-mails",
            trigger: "button[name='action_release']",
            run: "click",
        },
        {
            trigger: ".modal .modal-footer .btn-primary",
            run: "click",
        },
        {
            content: "Everything has left, or is on its way",
            trigger: "body:not(:has(.modal)) .o_form_view:not(:has(button[name='action_release']))",
            timeout: 40000,
            run: () => picture("run_done"),
        },
        {
            trigger:
                ".o_menu_sections [data-menu-xmlid='account_receivable_followup.followup_menu']",
            run: "click",
        },
        {
            trigger:
                ".o-dropdown--menu [data-menu-xmlid='account_receivable_followup.followup_reminder_menu']",
            run: "click",
        },
        {
            content: "The history keeps each reminder",
            trigger: ".o_list_view .o_data_row:contains('Baudry')",
            run: () => picture("history"),
        },
        {
            trigger: ".o_data_row:contains('Baudry') td[name='partner_id']",
            run: "click",
        },
        {
            content: "With its exact text",
            trigger: ".o_form_view .o_field_widget[name='body']",
            run: () => picture("reminder"),
        },
    ],
});

/** A salesman's phone: the same screens at 375 px. */
registry.category("web_tour.tours").add("followup_mobile", {
    url: "/odoo/followup-situations",
    steps: () => [
        {
            content: "Situations are cards",
            trigger: ".o_kanban_view .o_kanban_record:contains('Baudry')",
            run: () => picture("situations"),
        },
        {
            trigger: ".o_kanban_view .o_kanban_record:contains('Baudry')",
            run: "click",
        },
        {
            trigger: ".o_form_view .o_field_widget[name='overdue']",
            run: () => picture("situation"),
        },
        {
            content: "Its due lines are cards too",
            trigger: ".o_form_view .o_field_widget[name='overdue']",
            run: () => {
                browser.location.href = "/odoo/followup-due-lines";
            },
            expectUnloadPage: true,
        },
        {
            trigger: ".o_kanban_view .o_kanban_record:contains('FA-2026-0412')",
            run: () => picture("due_lines"),
        },
        {
            trigger: ".o_kanban_view",
            run: () => {
                browser.location.href = "/odoo/followup-runs";
            },
            expectUnloadPage: true,
        },
        {
            trigger: ".o_kanban_record, .o_data_row",
            run: "click",
        },
        {
            content: "The preview of a run",
            trigger: ".o_form_view .o_field_widget[name='kept_reminder_ids'] .o_kanban_record",
            run: () => picture("run"),
        },
    ],
});
