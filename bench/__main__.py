"""`python -m bench`: every figure that the project promises, in one table, beside its aim."""

from bench import discord, first_job, submit, webhooks


def main() -> None:
    for rows in (first_job.rows, submit.rows, webhooks.rows, discord.rows):
        for what, figure, aim in rows():
            print(f"{what:34} {figure:46} {aim}", flush=True)


if __name__ == "__main__":
    main()
