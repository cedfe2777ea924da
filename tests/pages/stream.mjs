// Reads a job's stream the way a page in a browser does: with fetch, in chunks of any size, text
// decoded across their borders. Prints what it saw as one line of JSON.

const { BASE, TOKEN } = process.env;
const answer = await fetch(`${BASE}/v3/midjourney/jobs/imagine`, {
  method: "POST",
  headers: { Authorization: `Bearer ${TOKEN}`, "Content-Type": "application/json" },
  body: JSON.stringify({ prompt: "ein Kätzchen 🐱 im Hut", stream: true }),
});
if (!answer.ok) throw new Error(`${answer.status} ${await answer.text()}`);
const type = answer.headers.get("content-type");

const seen = [];
const reader = answer.body.getReader();
const decoder = new TextDecoder();
let rest = "";
for (;;) {
  const { done, value } = await reader.read();
  if (done) break;
  const lines = (rest + decoder.decode(value, { stream: true })).split("\n");
  rest = lines.pop();
  for (const line of lines) {
    if (line.startsWith("data:")) seen.push(JSON.parse(line.slice(5)));
  }
}
const last = seen.at(-1);
console.log(
  JSON.stringify({
    type,
    events: seen.map((one) => one.event),
    seqs: seen.map((one) => one.seq),
    prompt: last.job.request.prompt,
    buttons: last.job.response.buttons,
  }),
);
