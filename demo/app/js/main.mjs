import { startConsole } from './ajax-console.mjs';
import { startChat } from './chat.mjs';
import { hadoken } from './client.mjs';
import { startCluster } from './cluster.mjs';
import { startConnection } from './connection.mjs';
import { startHeal } from './heal.mjs';
import { startRace } from './race.mjs';
import { startRequests } from './requests.mjs';
import { startTabs } from './tabs.mjs';
import { startTicker } from './ticker.mjs';
import { startUpload } from './upload.mjs';

document.querySelector('[data-host]').textContent = location.host;
window.hadoken = hadoken; // to play with in the developer tools

startConnection();
startRequests();
startTicker();
startChat();
startConsole();
startRace();
startUpload();
startHeal();
startTabs();
startCluster();
