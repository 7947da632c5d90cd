import { runScene } from '/work/main/infra/local/scenes/run-scene.ts';
import { MAIN_SCENE } from '/work/main/infra/local/scenes/main/scene.ts';
import { writeFileSync } from 'node:fs';
const t=Date.now();
const logs=[];
const r = await runScene(MAIN_SCENE, { seed: Number(process.argv[2]??1), onProgress: (x)=>console.log(Date.now()-t, x), onStage: (s)=>{ s.clouds.host.onLog(l=>logs.push(`${Date.now()-t} ${l.functionName} ${l.instanceId.slice(-4)} ${l.line}`)); s.clouds.foundation.timeline.onEntry(e=>{ if(['scene','slb'].includes(e.source)|| /fail|kill|letter|refus/.test(e.kind)) console.log(Date.now()-t, e.source, e.kind, e.text.slice(0,150)); }); s.clouds.foundation.gate.onRecord(r=>{ if(r.errorCode) console.log(Date.now()-t,'ERR',r.product,r.action,r.errorCode)}) } });
writeFileSync('/tmp/report.json', JSON.stringify(r)); writeFileSync('/tmp/logs.txt', logs.join('\n'));
console.log(r.ok, r.failures, r.durationMs, r.callsPerApi, r.checks, r.groups.map(g=>[g.name,g.backends.length]));
