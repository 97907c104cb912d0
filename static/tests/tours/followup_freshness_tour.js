import { registry } from "@web/core/registry";

/** The test takes a picture when it reads this message, and the page must hold still. */
async function picture(name) {
    await new Promise((resolve) => setTimeout(resolve, 400));
    console.log(`picture:${name}`);
    await new Promise((resolve) => setTimeout(resolve, 900));
}

const BANNER = ".o_followup_freshness.alert-warning a";

/** From the banner above the situations to the synchronisation that it speaks of. */
registry.category("web_tour.tours").add("followup_freshness", {
    steps: () => [
        {
            content: "The situations, and the warning above them",
            trigger: `.o_list_view:has(.o_data_row):has(${BANNER})`,
            run: () => picture("freshness_list"),
        },
        {
            trigger: ".o_data_row td[name='partner_id']",
            run: "click",
        },
        {
            content: "One customer's account, and the same warning",
            trigger: `.o_form_view:has(button[name='action_open_lines']):has(${BANNER})`,
            run: () => picture("freshness_form"),
        },
        {
            trigger: "button[name='action_open_lines']",
            run: "click",
        },
        {
            content: "Its due lines, and the same warning",
            trigger: `.o_list_view:has(td[name='followup_document']):has(${BANNER})`,
        },
        {
            content: "The warning leads to the synchronisation",
            trigger: BANNER,
            run: "click",
        },
        {
            trigger: ".o_form_view .o_field_widget[name='sage_total']",
        },
    ],
});

registry.category("web_tour.tours").add("followup_freshness_mobile", {
    steps: () => [
        {
            content: "The cards of the customers, and the warning above them",
            trigger: `.o_kanban_view:has(.o_kanban_record:not(.o_kanban_ghost)):has(${BANNER})`,
            run: () => picture("freshness_kanban"),
        },
        {
            trigger: ".o_kanban_record:not(.o_kanban_ghost)",
            run: "click",
        },
        {
            trigger: `.o_form_view:has(button[name='action_open_lines'], .o_field_widget[name='balance']):has(${BANNER})`,
            run: () => picture("freshness_form"),
        },
    ],
});
