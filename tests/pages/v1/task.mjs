// A client of the v1 API: checks its key with a made-up id, submits with a hook, waits to be called
// back, and asks for the same again.
import { createServer } from "node:http";

const { BASE, TOKEN } = process.env;

async function post(path, body, key = TOKEN) {
  const response = await fetch(`${BASE}/midjourney/v1/${path}`, {
    method: "POST",
    headers: { "API-KEY": key, "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });
  const result = await response.json();
  if (typeof result.status !== "number" || typeof result.message !== "string")
    throw new Error(`no envelope: ${JSON.stringify(result)}`);
  return { http: response.status, ...result };
}

function same(found, wanted) {
  const [one, other] = [found, wanted].map((value) => JSON.stringify(value));
  if (one !== other) throw new Error(`${one} is not ${other}`);
}

const checked = await post("job-status", { taskIds: ["key-check"] });
same([checked.http, checked.status, checked.data], [200, 0, []]);
const wrong = await post("job-status", { taskIds: ["key-check"] }, "wrong");
same([wrong.http, wrong.status], [401, 401]);

const called = new Promise((resolve) => {
  globalThis.hook = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request) body += chunk;
    response.end("ok");
    resolve({ type: request.headers["content-type"], ...JSON.parse(body) });
  });
});
await new Promise((resolve) => hook.listen(0, "127.0.0.1", resolve));

const submitted = await post("submit-jobs", {
  prompt: "ein Kätzchen 🐱 im Hut",
  mode: "relaxed",
  hookUrl: `http://127.0.0.1:${hook.address().port}/webhooks/midjourney`,
  timeout: 300,
});
same([submitted.http, submitted.status, submitted.message], [200, 0, "success"]);
const { taskId } = submitted.data;
if (!/^[A-Za-z0-9_-]{21}$/.test(taskId)) throw new Error(taskId);

const { type, status, data, message } = await called;
same([type, status, message], ["application/json", 0, "success"]);
same([data.taskId, data.status, data.failReason], [taskId, 1, ""]);
const again = await post("job-status", { taskIds: [taskId] });
same(again.data, [data]);
same((await fetch(data.image)).ok, true);
hook.close();
console.log("ok");
